package dev.fluxion.dsl.layer;

import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import dev.fluxion.ir.Size;
import dev.fluxion.ir.TableRule;
import org.jspecify.annotations.Nullable;

/**
 * Images N×C×H×W in another size, by the nearest elements or by weighted sums of neighbours.
 *
 * @param mode how elements follow from others
 * @param size the new height and width; null for those of the scale
 * @param scale how many times as high and as wide images become, rounded down; without meaning where there is a size
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record Resize(Mode mode, @Nullable Size size, double scale, String named, CallSite callSite)
        implements NamedLayer {
    /** How elements follow from others. */
    public enum Mode {
        /** The element at ⌊i·H/h⌋, in single precision, as PyTorch's "nearest". */
        NEAREST(""),
        /** The element whose centre is nearest, ⌊(i + ½)·H/h⌋, as PyTorch's "nearest-exact". */
        NEAREST_EXACT(".exact()"),
        /** Means of the neighbours of (i + ½)·H/h − ½: the corners of images agree. */
        BILINEAR(".bilinear()"),
        /** Means of the neighbours of i·(H − 1)/(h − 1): the centres of the elements in the corners agree. */
        BILINEAR_ALIGNED(".bilinear().alignCorners()"),
        /** Cubic convolution (Keys, 1981) with a = −¾ at (i + ½)·H/h − ½; the edge goes on outside. */
        BICUBIC(".bicubic()"),
        /** The same at i·(H − 1)/(h − 1). */
        BICUBIC_ALIGNED(".bicubic().alignCorners()");

        private final String option;

        Mode(String option) {
            this.option = option;
        }
    }

    /** Checks the numbers. */
    public Resize {
        Arguments.requireIdentity("resize", named, callSite);
        Given.require(Text.place("resize", callSite), "the mode", mode);
        if (size != null) {
            Spatial.requireAtLeast(
                    Spatial.IMAGES, Text.call("resize", size.h(), size.w()), callSite, "the size", 1, size);
        } else {
            Arguments.requireFinite("upsample", callSite, "scale", scale);
            if (scale <= 0) {
                throw new IllegalArgumentException(
                        Errors.argument(Text.call("upsample", scale), callSite, "scale", "above 0", scale));
            }
        }
    }

    /** This layer by the elements whose centres are nearest, PyTorch's "nearest-exact". */
    public Resize exact() {
        return with(Mode.NEAREST_EXACT);
    }

    /** This layer by means of neighbours; the corners of images agree. */
    public Resize bilinear() {
        return with(Mode.BILINEAR);
    }

    /** This layer by cubic convolution, which sees four neighbours along each axis; the corners of images agree. */
    public Resize bicubic() {
        return with(Mode.BICUBIC);
    }

    /** This layer where the centres of the elements in the corners agree; by means of neighbours, if not bicubic. */
    public Resize alignCorners() {
        boolean isCubic = mode == Mode.BICUBIC || mode == Mode.BICUBIC_ALIGNED;
        return with(isCubic ? Mode.BICUBIC_ALIGNED : Mode.BILINEAR_ALIGNED);
    }

    /** This layer with a name that replaces its position in parameter names. */
    public Resize named(String name) {
        return new Resize(mode, size, scale, Arguments.requireName(this, callSite, name), callSite);
    }

    private Resize with(Mode newMode) {
        return new Resize(newMode, size, scale, named, callSite);
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        return LayerCalls.layer(this, callSite, LayerCalls.scope(this, scope), x, this::make, Errors::batchAxisHint);
    }

    private Expr make(Expr x) {
        Arguments.requireImages(x.shape());
        Places.requirePlaces(x.shape());
        int h = size != null ? size.h() : scaled(x.shape(), 2);
        int w = size != null ? size.w() : scaled(x.shape(), 3);
        return along(along(x, 3, w), 2, h);
    }

    /** An axis that keeps its extent keeps its elements, whatever the scale, as in PyTorch. */
    private Expr along(Expr x, int axis, int extent) {
        return x.shape().dim(axis) == extent ? x : resized(x, axis, extent);
    }

    private int scaled(Shape shape, int axis) {
        double extent = Math.floor(shape.dim(axis) * scale);
        if (extent < 1 || extent > Integer.MAX_VALUE) {
            throw new ShapeException(Errors.madeExtent(Text.number(extent), axis, shape));
        }
        return (int) extent;
    }

    private Expr resized(Expr x, int axis, int extent) {
        int from = x.shape().dim(axis);
        Places.count(extent, axis, x.shape());
        double by = size != null ? 0 : scale;
        return switch (mode) {
            case NEAREST -> Places.along(x, axis, by, TableRule.NEAREST, from, extent);
            case NEAREST_EXACT -> Places.along(x, axis, by, TableRule.NEAREST_EXACT, from, extent);
            case BILINEAR -> weighted(x, axis, extent, by, 2, TableRule.LINEAR_PLACES, TableRule.LINEAR_WEIGHTS);
            case BILINEAR_ALIGNED ->
                weighted(x, axis, extent, 0, 2, TableRule.LINEAR_ALIGNED_PLACES, TableRule.LINEAR_ALIGNED_WEIGHTS);
            case BICUBIC -> weighted(x, axis, extent, by, 4, TableRule.CUBIC_PLACES, TableRule.CUBIC_WEIGHTS);
            case BICUBIC_ALIGNED ->
                weighted(x, axis, extent, 0, 4, TableRule.CUBIC_ALIGNED_PLACES, TableRule.CUBIC_ALIGNED_WEIGHTS);
        };
    }

    /** Sums of the elements around each place, so many of them, the edge going on outside. */
    private static Expr weighted(
            Expr x, int axis, int extent, double by, int taps, TableRule places, TableRule weights) {
        int from = x.shape().dim(axis);
        Expr sum = Expr.constant(0);
        for (int tap = 0; tap < taps; tap++) {
            sum = Places.along(x, axis, by, places, from, extent, tap)
                    .mul(Places.table(x.shape(), axis, by, weights, from, extent, tap))
                    .add(sum);
        }
        return sum;
    }

    /** The layer as the user wrote it. */
    @Override
    public String toString() {
        return (size == null ? Text.call("upsample", scale) : Text.call("resize", size.h(), size.w()))
                + mode.option
                + Text.named(named);
    }
}
