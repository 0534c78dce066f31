package dev.fluxion.engine.store;

import dev.fluxion.engine.error.Errors;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Slot;
import dev.fluxion.ir.Update;
import dev.fluxion.ir.ValueException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.function.UnaryOperator;

/**
 * The scalars of a rule. They are a user's functions: a step evaluates each once, before it takes a lock or changes
 * anything. Kernels read cells, which hold nothing but the numbers.
 */
public final class Scalars {
    private static final Shape SOME = Shape.of(2);

    private final Update.Rule rule;
    private final List<Update.Scalar> functions = new ArrayList<>();
    private final Cell[] cells;

    public Scalars(Update.Rule rule) {
        this.rule = rule;
        Expr value = Expr.parameter("value", SOME);
        Update.next(rule, value, Expr.input("gradient", SOME), asked());
        this.cells = functions.stream().map(f -> new Cell()).toArray(Cell[]::new);
    }

    private Update.State asked() {
        return new Update.State() {
            @Override
            public Expr keep(String name, UnaryOperator<Expr> next) {
                return next.apply(Expr.kept(Slot.optimizer(name, "value"), SOME));
            }

            @Override
            public Expr scalar(Update.Scalar number) {
                functions.add(number);
                return Expr.input("scalar " + functions.size(), Shape.scalar());
            }
        };
    }

    /** A number that kernels read. */
    public static final class Cell implements DoubleSupplier {
        private double next;
        private double value;

        @Override
        public double getAsDouble() {
            return value;
        }
    }

    /**
     * The cell of the rule's scalar of this index, counted from 0 in the order in which the rule asks for them.
     *
     * @throws IllegalArgumentException if the rule asked for fewer when it was asked before
     */
    public Cell cell(int index) {
        if (index >= cells.length) {
            throw new IllegalArgumentException(Errors.scalarCount(rule, cells.length));
        }
        return cells[index];
    }

    /**
     * Evaluates the functions.
     *
     * @throws ValueException if one of them fails, or gives a number that float32 cannot hold
     */
    public void evaluate(long step, double learningRate) {
        for (int i = 0; i < cells.length; i++) {
            double value;
            try {
                value = functions.get(i).at(step, learningRate);
            } catch (RuntimeException e) {
                throw new ValueException(Errors.scalarFailed(rule, i, step, learningRate, e), e);
            }
            if (!Float.isFinite((float) value)) {
                throw new ValueException(Errors.scalarNotFinite(rule, i, step, learningRate, value));
            }
            cells[i].next = value;
        }
    }

    /** Lets kernels see what was evaluated. */
    public void publish() {
        for (Cell cell : cells) {
            cell.value = cell.next;
        }
    }
}
