package dev.fluxion.engine.catalogue;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Recurrence;
import dev.fluxion.ir.RecurrenceGradient;
import dev.fluxion.ir.RecurrentCell;
import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Recurrences over sequences. */
final class SequenceRows {
    private SequenceRows() {}

    static List<Row> rows() {
        return Stream.of(RecurrentCell.values())
                .flatMap(cell -> Stream.of(
                        new Row("recurrence " + cell, d -> d.of(states(d, cell))),
                        new Row("recurrence " + cell + " gradient", d -> d.of(gradient(d, cell)))))
                .toList();
    }

    /** All that is for others to read, added up. */
    private static Expr states(Draw d, RecurrentCell cell) {
        int n = d.between(1, 6);
        int steps = d.between(1, 4);
        int width = d.between(1, 3);
        List<Expr> operands = new ArrayList<>();
        operands.add(d.input("u", Shape.of(n, steps, cell.gates() * width)));
        operands.add(d.input("w", Shape.of(cell.gates() * width, width)));
        operands.add(d.input("b", Shape.of(cell.gates() * width)));
        for (int i = 0; i < cell.states(); i++) {
            operands.add(d.input("state" + i, Shape.of(n, width)));
        }
        if (d.coin()) {
            operands.add(d.index("lengths", Shape.of(n), steps + 1));
        }
        Expr y = new Expr(new Recurrence(cell, d.coin()), operands);
        Expr sum = y;
        for (int i = 1; i <= cell.states(); i++) {
            sum = sum.add(y.result(i).mul(i + 1.5).reshape(n, 1, width));
        }
        Expr before = y.result(cell.states() + 1);
        Expr kept = y.result(cell.states() + 2);
        return d.coin() ? sum : sum.sub(before).add(kept.slice(2, 0, width));
    }

    private static Expr gradient(Draw d, RecurrentCell cell) {
        int n = d.between(1, 6);
        int steps = d.between(1, 4);
        int width = d.between(1, 3);
        Shape y = Shape.of(n, steps, width);
        Shape state = Shape.of(n, width);
        List<Expr> operands = new ArrayList<>();
        operands.add(d.input("g", y));
        for (int i = 0; i < cell.states(); i++) {
            operands.add(d.input("g" + i, state));
        }
        operands.add(d.input("before", y));
        operands.add(d.input("kept", y.with(2, cell.kept() * width), () -> d.number(0.1, 0.9)));
        operands.add(d.input("w", Shape.of(cell.gates() * width, width)));
        for (int i = 1; i < cell.states(); i++) {
            operands.add(d.input("state" + i, state));
        }
        if (d.coin()) {
            operands.add(d.index("lengths", Shape.of(n), steps + 1));
        }
        Expr back = new Expr(new RecurrenceGradient(cell, d.coin()), operands);
        Expr sum = back;
        for (int i = 1; i <= cell.states(); i++) {
            sum = sum.add(back.result(i).slice(1, 0, 1).reshape(n, 1, 1).mul(i + 0.5));
        }
        return cell.isSplit() ? sum.sub(back.result(cell.states() + 1)) : sum;
    }
}
