package dev.fluxion.dsl.layer;

import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import dev.fluxion.ir.TableRule;

/**
 * Adds columns and rows around images N×C×H×W, or elements around sequences N×C×L. Negative numbers cut off.
 *
 * @param mode what is added
 * @param axes how many axes are padded: 1 of sequences, whose top and bottom are 0, 2 of images
 * @param left how many columns before the first
 * @param right how many columns behind the last
 * @param top how many rows above the first
 * @param bottom how many rows below the last
 * @param value the number that is added by the mode of a constant
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record Pad(
        Mode mode, int axes, int left, int right, int top, int bottom, double value, String named, CallSite callSite)
        implements NamedLayer {
    /** What is added. */
    public enum Mode {
        /** A number. */
        CONSTANT,
        /** What lies before the edge, in reverse order; the edge itself is not repeated. */
        REFLECT,
        /** The edge. */
        REPLICATE,
        /** What lies at the other end. */
        CIRCULAR;

        private String text() {
            return this == REFLECT ? "reflect" : this == REPLICATE ? "replicate" : "circular";
        }
    }

    /** Checks that nothing is null and that the value is a number. */
    public Pad {
        Arguments.requireIdentity("pad", named, callSite);
        Given.require(Text.place("pad", callSite), "the mode", mode);
        Spatial.requireAxes("pad", callSite, axes);
        if (Double.isNaN(value)) {
            throw new IllegalArgumentException(
                    Errors.argument(head(axes, left, right, top, bottom), callSite, "value", "a number", value));
        }
    }

    static Pad of(int axes, int left, int right, int top, int bottom, CallSite callSite) {
        return new Pad(Mode.CONSTANT, axes, left, right, top, bottom, 0, "", callSite);
    }

    /** This layer, which adds another number than 0; infinite ones are allowed. */
    public Pad value(double number) {
        return new Pad(Mode.CONSTANT, axes, left, right, top, bottom, number, named, callSite);
    }

    /** This layer, which adds mirror images without the edge; fewer than there are elements. */
    public Pad reflect() {
        return with(Mode.REFLECT);
    }

    /** This layer, which repeats the edge. */
    public Pad replicate() {
        return with(Mode.REPLICATE);
    }

    /** This layer, which adds what lies at the other end; at most as many as there are elements. */
    public Pad circular() {
        return with(Mode.CIRCULAR);
    }

    /** This layer with a name that replaces its position in parameter names. */
    public Pad named(String name) {
        String own = Arguments.requireName(this, callSite, name);
        return new Pad(mode, axes, left, right, top, bottom, value, own, callSite);
    }

    private Pad with(Mode newMode) {
        return new Pad(newMode, axes, left, right, top, bottom, 0, named, callSite);
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        return LayerCalls.layer(
                this, callSite, LayerCalls.scope(this, scope), x, this::make, input -> Spatial.hint(axes, input));
    }

    private Expr make(Expr x) {
        Spatial.require(axes, x.shape());
        Expr images = Spatial.images(axes, x);
        return Spatial.back(axes, along(along(images, 2, top, bottom), 3, left, right));
    }

    private Expr along(Expr x, int axis, int before, int after) {
        Shape shape = x.shape();
        long extent = (long) shape.dim(axis) + before + after;
        long from = Math.max(0L, -(long) before);
        long to = shape.dim(axis) - Math.max(0L, -(long) after);
        if (extent < 1 || extent > Integer.MAX_VALUE || from > to || from == to && mode != Mode.CONSTANT) {
            throw new ShapeException(Errors.paddedExtent(extent, axis, shape));
        }
        if (mode == Mode.REFLECT || mode == Mode.REPLICATE) {
            return added(x, axis, before, after);
        }
        Expr kept = to - from == shape.dim(axis) ? x : x.slice(axis, (int) from, (int) to);
        return mode == Mode.CONSTANT
                ? kept.pad(axis, Math.max(0, before), Math.max(0, after), value)
                : added(kept, axis, Math.max(0, before), Math.max(0, after));
    }

    /** Mirror images and edges are those of the whole input, also where some of it is cut off. */
    private Expr added(Expr x, int axis, int before, int after) {
        int extent = x.shape().dim(axis);
        int most = mode == Mode.REFLECT ? extent - 1 : mode == Mode.CIRCULAR ? extent : Integer.MAX_VALUE;
        if (before > most || after > most) {
            throw new ShapeException(Errors.padTooLarge(mode.text(), most, before, after, axis, x.shape()));
        }
        Places.count((long) before + extent + after, axis, x.shape());
        return Places.along(x, axis, 0, rule(), extent, before, after);
    }

    /** Where elements outside come from. */
    private TableRule rule() {
        return switch (mode) {
            case REFLECT -> TableRule.REFLECTED;
            case CIRCULAR -> TableRule.WRAPPED;
            case REPLICATE, CONSTANT -> TableRule.REPEATED;
        };
    }

    private static String head(int axes, int left, int right, int top, int bottom) {
        if (axes == Spatial.SEQUENCES) {
            return left == right ? Text.call("pad1d", left) : Text.call("pad1d", left, right);
        }
        return left == right && left == top && top == bottom
                ? Text.call("pad", left)
                : Text.call("pad", left, right, top, bottom);
    }

    /** The layer as the user wrote it. */
    @Override
    public String toString() {
        return head(axes, left, right, top, bottom)
                + (mode == Mode.CONSTANT ? Text.option("value", value, 0) : "." + mode.text() + "()")
                + Text.named(named);
    }
}
