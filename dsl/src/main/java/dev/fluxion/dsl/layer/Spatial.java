package dev.fluxion.dsl.layer;

import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import dev.fluxion.ir.Size;

/**
 * What layers over places have in common, be they along one axis, of sequences N×C×L, or along two, of images N×C×H×W. A sequence is
 * computed as images of one row: sizes of its layers have a height that changes nothing.
 */
final class Spatial {
    static final int SEQUENCES = 1;
    static final int IMAGES = 2;

    private Spatial() {}

    /** One number for all axes; the height of a sequence is {@code neutral}. */
    static Size size(int axes, int each, int neutral) {
        return axes == SEQUENCES ? Size.of(neutral, each) : Size.of(each);
    }

    /** A number for each of two axes. */
    static Size size(Object what, CallSite callSite, int axes, String argument, int h, int w) {
        if (axes != IMAGES) {
            throw new IllegalArgumentException(
                    Errors.argument(what, callSite, argument, "one number, that along the sequence,", h + ", " + w));
        }
        return Size.of(h, w);
    }

    /** Requires one axis or two, and of one axis a size that changes nothing along the height. */
    static void requireAxes(Object what, CallSite callSite, int axes) {
        if (axes != SEQUENCES && axes != IMAGES) {
            throw new IllegalArgumentException(Errors.argument(what, callSite, "axes", "1 or 2", axes));
        }
    }

    /** Requires sequences N×C×L, or images N×C×H×W. */
    static void require(int axes, Shape input) {
        if (input.rank() != 2 + axes) {
            throw new ShapeException(axes == IMAGES ? Errors.notImages(input) : Errors.notPlaces(input));
        }
    }

    /** Requires that a kernel has a place, and that a sequence with its padding is not too long. */
    static void requireFit(int axes, Size kernel, Size dilation, Size pad, Shape input) {
        boolean fits = fits(kernel.w(), dilation.w(), pad.w(), input.dim(-1));
        if (axes == SEQUENCES && !fits) {
            throw new ShapeException(Errors.kernelTooLarge(
                    kernel.w(), dilation.w(), "sequences of length", input.dim(2), pad.w(), input));
        }
        if (axes == IMAGES && !(fits && fits(kernel.h(), dilation.h(), pad.h(), input.dim(2)))) {
            throw new ShapeException(Errors.windowTooLarge(kernel, dilation, pad, input));
        }
        if (axes == SEQUENCES && input.dim(2) + 2L * pad.w() > Integer.MAX_VALUE) {
            throw new ShapeException(Errors.madeExtent(input.dim(2) + 2L * pad.w(), 2, input));
        }
    }

    private static boolean fits(int kernel, int dilation, int pad, int extent) {
        return (long) dilation * (kernel - 1) + 1 <= extent + 2L * pad;
    }

    /** Requires a size that is at least so much along each axis. */
    static void requireAtLeast(int axes, Object what, CallSite callSite, String argument, int least, Size actual) {
        if (actual.h() < least || actual.w() < least) {
            Object told = axes == SEQUENCES && actual.h() >= least ? actual.w() : actual;
            throw new IllegalArgumentException(Errors.argument(what, callSite, argument, "at least " + least, told));
        }
    }

    /** Images of one row instead of sequences; weights O×I×K, too. */
    static Expr images(int axes, Expr x) {
        Shape shape = x.shape();
        return axes == IMAGES ? x : x.reshape(shape.dim(0), shape.dim(1), 1, shape.dim(2));
    }

    /** The opposite of {@link #images}. */
    static Expr back(int axes, Expr y) {
        Shape shape = y.shape();
        return axes == IMAGES ? y : y.reshape(shape.dim(0), shape.dim(1), shape.dim(3));
    }

    /** The shape of weights. */
    static Shape weight(int axes, int outer, int inner, Size kernel) {
        return axes == IMAGES ? Shape.of(outer, inner, kernel.h(), kernel.w()) : Shape.of(outer, inner, kernel.w());
    }

    /** The call of a factory, whose name ends with "1d" for sequences. */
    static String factory(int axes, String images) {
        return axes == IMAGES ? images : images + "1d";
    }

    static String size(int axes, String function, Size value) {
        return axes == IMAGES ? Text.size(function, value) : Text.call(function, value.w());
    }

    static String option(int axes, String name, Size value, Size plain) {
        return value.equals(plain) ? "" : "." + size(axes, name, value);
    }

    /** The same, and what to do about images that are too small. */
    static String smallHint(int axes, Shape input) {
        return axes == IMAGES && input.rank() == 4 ? Errors.imageIsSmall(input) : hint(axes, input);
    }

    /** What to do about an input of another rank; empty for the right one. */
    static String hint(int axes, Shape input) {
        if (input.rank() == 2 + axes) {
            return "";
        }
        if (axes == IMAGES) {
            return Errors.batchAxisHint(input);
        }
        return input.rank() == 2 ? Errors.noBatchOfSequences(input) : "";
    }
}
