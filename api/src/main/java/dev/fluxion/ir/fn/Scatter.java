package dev.fluxion.ir.fn;

import dev.fluxion.ir.ArgSort;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Indexing;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.List;
import java.util.function.BinaryOperator;

/**
 * Elements of a source put where an index says along an axis: source and index have one shape, which is that of x but for this axis. What
 * several elements are put at is made of all of them in their order, and x itself.
 */
public final class Scatter {
    private Scatter() {}

    /** What combines elements, and what changes none of them. */
    private record Fold(BinaryOperator<Expr> combined, double neutral) {}

    /** x, and at the indices the elements of the source in its place; of several at one index the last. */
    public static Expr replace(Expr x, int axis, Expr index, Expr source) {
        return new Sorted("replace", x, axis, index, source).placed((own, put) -> put);
    }

    /** x, and at the indices the elements of the source added to it. */
    public static Expr add(Expr x, int axis, Expr index, Expr source) {
        int along = require("add", x, axis, index, source);
        return x.add(new Expr(new Indexing.ScatterAdd(along, x.shape().dim(along)), List.of(source, index)));
    }

    /** x, or at the indices the largest of it and the elements of the source; those that are equal share the gradient. */
    public static Expr max(Expr x, int axis, Expr index, Expr source) {
        return folded("max", x, axis, index, source, new Fold(Expr::max, Double.NEGATIVE_INFINITY));
    }

    /** x, or at the indices the smallest of it and the elements of the source; those that are equal share the gradient. */
    public static Expr min(Expr x, int axis, Expr index, Expr source) {
        return folded("min", x, axis, index, source, new Fold(Expr::min, Double.POSITIVE_INFINITY));
    }

    /** x, and at the indices times the elements of the source. The gradient is exact where elements are 0. */
    public static Expr prod(Expr x, int axis, Expr index, Expr source) {
        return folded("prod", x, axis, index, source, new Fold(Expr::mul, 1));
    }

    private static Expr folded(String name, Expr x, int axis, Expr index, Expr source, Fold fold) {
        return new Sorted(name, x, axis, index, source).scanned(fold).placed(fold.combined);
    }

    /** The axis, counted from the front, if all fits. */
    private static int require(String name, Expr x, int axis, Expr index, Expr source) {
        Shape shape = Axes.given(name, x).shape();
        Given.require(name, "the index", index);
        Given.require(name, "the source", source);
        int along = shape.axis(axis);
        boolean fits = index.dtype() == DType.INT
                && source.dtype() == DType.FLOAT
                && x.dtype() == DType.FLOAT
                && index.shape().equals(source.shape())
                && index.shape().rank() == shape.rank()
                && index.shape().with(along, 0).equals(shape.with(along, 0));
        if (!fits) {
            throw new ShapeException(Errors.scatter(name, axis, x, index, source));
        }
        return along;
    }

    /** A source sorted by its index, so that what goes to one place lies side by side, the last one last. */
    private static final class Sorted {
        private final Expr x;
        private final int axis;
        private final int count;
        private final Expr index;
        private final Expr source;

        Sorted(String name, Expr x, int axis, Expr index, Expr source) {
            this.x = x;
            this.axis = require(name, x, axis, index, source);
            int extent = x.shape().dim(this.axis);
            Expr checked = index.require(index.ge(0).mul(index.lt(extent)), Errors.places(name, extent));
            Expr order = new Expr(new ArgSort(this.axis, false), List.of(checked));
            this.index = checked.gather(this.axis, order);
            this.source = source.gather(this.axis, order);
            this.count = index.shape().dim(this.axis);
        }

        private Sorted(Sorted from, Expr source) {
            this.x = from.x;
            this.axis = from.axis;
            this.index = from.index;
            this.count = from.count;
            this.source = source;
        }

        /** Each element combined with those before it that go to the same place. */
        Sorted scanned(Fold fold) {
            Expr all = source;
            for (int step = 1; step < count; step *= 2) {
                Expr isSame = index.slice(axis, step, count).eq(index.slice(axis, 0, count - step));
                Expr before = isSame.where(all.slice(axis, 0, count - step), Expr.constant(fold.neutral));
                Expr rest = fold.combined.apply(all.slice(axis, step, count), before);
                all = Expr.concat(axis, List.of(all.slice(axis, 0, step), rest));
            }
            return new Sorted(this, all);
        }

        /** x, and where something is put, what is made of it and the last element that goes there. */
        Expr placed(BinaryOperator<Expr> combined) {
            if (index.shape().size() == 0) {
                return x;
            }
            Expr isFollowed = index.slice(axis, 1, count).ne(index.slice(axis, 0, count - 1));
            Expr isLast = isFollowed.pad(axis, 0, 1, 1);
            Expr put = sum(isLast.where(source, Expr.constant(0)));
            return sum(isLast).gt(0).where(combined.apply(x, put), x);
        }

        private Expr sum(Expr elements) {
            Indexing.ScatterAdd op = new Indexing.ScatterAdd(axis, x.shape().dim(axis));
            return new Expr(op, List.of(elements, index));
        }
    }
}
