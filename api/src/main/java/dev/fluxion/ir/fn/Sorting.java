package dev.fluxion.ir.fn;

import dev.fluxion.ir.ArgSort;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.ShapeException;
import java.util.List;

/** Elements in their order along an axis. Equal ones keep theirs, NaN is larger than any number, and values have a gradient. */
public final class Sorting {
    private Sorting() {}

    /**
     * Elements in order.
     *
     * @param values the elements
     * @param indices where they were, integers
     */
    public record Sorted(Expr values, Expr indices) {
        /** Checks that nothing is null. */
        public Sorted {
            Given.require("Sorted", "the values", values);
            Given.require("Sorted", "the indices", indices);
        }

        private Sorted first(int axis, int count) {
            return new Sorted(values.slice(axis, 0, count), indices.slice(axis, 0, count));
        }
    }

    /** From the smallest to the largest. */
    public static Sorted sort(Expr x, int axis) {
        return sorted("sort", x, axis, false);
    }

    /** From the largest to the smallest. */
    public static Sorted sortDescending(Expr x, int axis) {
        return sorted("sortDescending", x, axis, true);
    }

    /**
     * The k largest, from the largest on.
     *
     * @throws ShapeException if there are fewer
     */
    public static Sorted topK(Expr x, int k, int axis) {
        if (k < 0 || k > Axes.given("topK", x).shape().dim(axis)) {
            throw new ShapeException(Errors.tooFew(k, axis, x.shape()));
        }
        return sorted("topK", x, axis, true).first(axis, k);
    }

    private static Sorted sorted(String name, Expr x, int axis, boolean descending) {
        int along = Axes.given(name, x).shape().axis(axis);
        Expr order = new Expr(new ArgSort(along, descending), List.of(x));
        return new Sorted(x.gather(along, order), order);
    }
}
