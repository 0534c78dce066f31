package dev.fluxion.dsl.layer;

import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;

/** Channels in another order, and as places of images and back. */
final class Shuffle {
    private Shuffle() {}

    static FunctionLayer shuffle(int factor, CallSite callSite) {
        String text = Text.call("pixelShuffle", factor);
        Arguments.requireAtLeast(text, callSite, "factor", 1, factor);
        return new FunctionLayer(text, (scope, x) -> places(x, factor), "", callSite);
    }

    static FunctionLayer unshuffle(int factor, CallSite callSite) {
        String text = Text.call("pixelUnshuffle", factor);
        Arguments.requireAtLeast(text, callSite, "factor", 1, factor);
        return new FunctionLayer(text, (scope, x) -> channels(x, factor), "", callSite);
    }

    static FunctionLayer channels(int groups, CallSite callSite) {
        String text = Text.call("channelShuffle", groups);
        Arguments.requireAtLeast(text, callSite, "groups", 1, groups);
        return new FunctionLayer(text, (scope, x) -> shuffled(x, groups), "", callSite);
    }

    private static Expr shuffled(Expr x, int groups) {
        Channels.require(x.shape(), Channels.INFERRED, 1);
        int count = x.shape().dim(1);
        if (count % groups != 0) {
            throw new ShapeException(Errors.ungroupable(groups, x.shape()));
        }
        int samples = x.shape().dim(0);
        int places = x.shape().size() / Math.max(1, samples * count);
        return x.reshape(samples, groups, count / groups, places)
                .transpose(0, 2, 1, 3)
                .reshape(x.shape());
    }

    private static Expr places(Expr x, int r) {
        Arguments.requireImages(x.shape());
        Shape s = x.shape();
        if (s.dim(1) % ((long) r * r) != 0) {
            throw new ShapeException(Errors.notShuffled(r, s));
        }
        int channels = (int) (s.dim(1) / ((long) r * r));
        int rows = extent(s, 2, r);
        int columns = extent(s, 3, r);
        return x.reshape(s.dim(0), channels, r, r, s.dim(2), s.dim(3))
                .transpose(0, 1, 4, 2, 5, 3)
                .reshape(s.dim(0), channels, rows, columns);
    }

    private static int extent(Shape shape, int axis, int factor) {
        long extent = (long) shape.dim(axis) * factor;
        if (extent > Integer.MAX_VALUE) {
            throw new ShapeException(Errors.madeExtent(extent, axis, shape));
        }
        return (int) extent;
    }

    private static Expr channels(Expr x, int r) {
        Arguments.requireImages(x.shape());
        Shape s = x.shape();
        Places.requirePlaces(s);
        if (s.dim(2) % r != 0 || s.dim(3) % r != 0) {
            throw new ShapeException(Errors.notUnshuffled(r, s));
        }
        int rows = s.dim(2) / r;
        int columns = s.dim(3) / r;
        return x.reshape(s.dim(0), s.dim(1), rows, r, columns, r)
                .transpose(0, 1, 3, 5, 2, 4)
                .reshape(s.dim(0), s.dim(1) * r * r, rows, columns);
    }
}
