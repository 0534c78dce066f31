package dev.fluxion.engine;

import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Recurrence;
import dev.fluxion.ir.RecurrentCell;
import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Recurrences whose gates are nearly shut or open, from states that are nothing: no other rounding hides those of their functions. */
class SaturatedGatesTest {
    private static final int WIDTH = 32;

    @ParameterizedTest
    @EnumSource(RecurrentCell.class)
    void overOneSequence(RecurrentCell cell) {
        for (int spread = 1; spread <= 8; spread *= 2) {
            Leaves leaves = new Leaves(0.3);
            int gates = cell.gates() * WIDTH;
            List<Expr> operands = new ArrayList<>(List.of(
                    leaves.bound("u", Expr.input("u", Shape.of(1, 1, gates), DType.FLOAT), spread),
                    leaves.parameter("w", gates, WIDTH),
                    leaves.bound("b", Expr.parameter("b", Shape.of(gates)), 0),
                    leaves.bound("h", Expr.input("h", Shape.of(1, WIDTH)), 0)));
            if (cell.states() > 1) {
                operands.add(leaves.bound("c", Expr.input("c", Shape.of(1, WIDTH)), 1000));
            }
            Expr y = new Expr(new Recurrence(cell, false), operands);
            Match.check(cell + " of " + spread, Graph.of(Map.of("y", y)), leaves.values, 1, 1);
        }
    }
}
