package dev.fluxion.engine;

import dev.fluxion.ir.Update;
import dev.fluxion.ir.ValueException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleSupplier;

/**
 * The scalars of a rule. They are a user's functions: a step evaluates each once, before it takes a lock or changes
 * anything. Kernels read cells, which hold nothing but the numbers.
 */
final class Scalars {
    private final Update.Rule rule;
    private final List<Update.Scalar> functions = new ArrayList<>();
    private Cell[] cells = new Cell[0];

    Scalars(Update.Rule rule) {
        this.rule = rule;
    }

    /** A number that kernels read. */
    static final class Cell implements DoubleSupplier {
        private double next;
        private double value;

        @Override
        public double getAsDouble() {
            return value;
        }
    }

    /** The cell of the rule's scalar of this index, counted from 0 in the order in which the rule asks for them. */
    synchronized Cell cell(int index, Update.Scalar function) {
        if (index == cells.length) {
            functions.add(function);
            Cell[] more = Arrays.copyOf(cells, index + 1);
            more[index] = new Cell();
            cells = more;
        }
        return cells[index];
    }

    /**
     * Evaluates the functions.
     *
     * @throws ValueException if one of them fails, or gives a number that float32 cannot hold
     */
    void evaluate(long step, double learningRate) {
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
    void publish() {
        for (Cell cell : cells) {
            cell.value = cell.next;
        }
    }
}
