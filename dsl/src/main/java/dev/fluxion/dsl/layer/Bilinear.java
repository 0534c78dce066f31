package dev.fluxion.dsl.layer;

import dev.fluxion.Initializer;
import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;

/**
 * xᵀ·W·y + b along the last axes, for each output with a matrix of its own: x of …×in and another value y of …×other become …×out.
 * Parameters: {@code weight} of shape out×in×other and {@code bias} of shape out, both first uniform in ±1/√in.
 *
 * @param in the extent of x's last axis
 * @param other the extent of y's last axis
 * @param out the extent of the output's last axis
 * @param bias whether the layer adds b
 * @param with the name of y: an input of the model, or what {@link Layers#as} has named before
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record Bilinear(int in, int other, int out, boolean bias, String with, String named, CallSite callSite)
        implements NamedLayer {
    private static final String WITH = "other";

    /** Checks the extents. */
    public Bilinear {
        Arguments.requireIdentity("bilinear", named, callSite);
        String text = head(in, other, out);
        Arguments.requireAtLeast(text, callSite, "in", 1, in);
        Arguments.requireAtLeast(text, callSite, "other", 1, other);
        Arguments.requireAtLeast(text, callSite, "out", 1, out);
        Arguments.requireValueName(text, callSite, "the other value", with);
    }

    static Bilinear of(int in, int other, int out, CallSite callSite) {
        return new Bilinear(in, other, out, true, WITH, "", callSite);
    }

    /** This layer with or without a bias. */
    public Bilinear bias(boolean withBias) {
        return new Bilinear(in, other, out, withBias, with, named, callSite);
    }

    /** This layer with another value as y, by its name; at first the one named "other". */
    public Bilinear with(String name) {
        return new Bilinear(in, other, out, bias, name, named, callSite);
    }

    /** This layer with a name that replaces its position in parameter names. */
    public Bilinear named(String name) {
        return new Bilinear(in, other, out, bias, with, Arguments.requireName(this, callSite, name), callSite);
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        Scope own = LayerCalls.scope(this, scope);
        return LayerCalls.layer(this, callSite, own, x, input -> make(own, input, own.value(with)), this::hint);
    }

    private Expr make(Scope scope, Expr x, Expr y) {
        Shape shape = x.shape();
        if (shape.rank() < 2) {
            throw new ShapeException(Errors.notRows(shape));
        }
        if (shape.dim(-1) != in) {
            throw new ShapeException(Errors.features(in, shape));
        }
        if (!y.shape().equals(shape.with(-1, other))) {
            throw new ShapeException(Errors.otherValue(with, shape.with(-1, other), y.shape()));
        }
        int rows = shape.without(-1).size();
        Initializer first = Initializers.uniform(-1 / Math.sqrt(in), 1 / Math.sqrt(in));
        Expr weight = scope.parameter("weight", Shape.of(out, in, other), first);
        Expr products = x.reshape(Shape.of(rows, in))
                .matmul(weight.transpose(1, 0, 2).reshape(in, out * other))
                .reshape(Shape.of(rows, out, other));
        Expr z = products.mul(y.reshape(Shape.of(rows, 1, other))).sum(2);
        return (bias ? z.add(scope.parameter("bias", Shape.of(out), first)) : z).reshape(shape.with(-1, out));
    }

    private String hint(Shape input) {
        return input.rank() < 2 || input.dim(-1) == in || input.dim(-1) == 0
                ? ""
                : Errors.didYouMean(new Bilinear(input.dim(-1), other, out, bias, with, named, callSite));
    }

    private static String head(int in, int other, int out) {
        return Text.call("bilinear", in, other, out);
    }

    /** The layer as the user wrote it. */
    @Override
    public String toString() {
        return head(in, other, out)
                + (bias ? "" : ".bias(false)")
                + (with.equals(WITH) ? "" : Text.quoted("with", with))
                + Text.named(named);
    }
}
