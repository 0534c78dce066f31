package dev.fluxion.dsl.layer;

import dev.fluxion.Initializer;
import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import org.jspecify.annotations.Nullable;

/**
 * A fully connected layer: x·Wᵀ + b along the last axis, so that inputs …×in become …×out, of rank 2 or more.
 * Parameters: {@code weight} of shape out×in and {@code bias} of shape out.
 *
 * @param in the extent of the input's last axis; 0 to infer it
 * @param out the extent of the output's last axis
 * @param bias whether the layer adds b
 * @param weightInit the first values of the weight
 * @param biasInit the first values of the bias; null for uniform in ±1/√in
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record Linear(
        int in,
        int out,
        boolean bias,
        Initializer weightInit,
        @Nullable Initializer biasInit,
        String named,
        CallSite callSite)
        implements NamedLayer {
    static final int INFERRED = 0;

    /** Checks the extents. */
    public Linear {
        Arguments.requireIdentity("linear", named, callSite);
        String text = head(in, out);
        Arguments.requireAtLeast(text, callSite, "in", 0, in);
        Arguments.requireAtLeast(text, callSite, "out", 1, out);
        Arguments.requireInit(text, callSite, "weightInit", weightInit);
    }

    /** This layer with or without a bias. */
    public Linear bias(boolean withBias) {
        return new Linear(in, out, withBias, weightInit, biasInit, named, callSite);
    }

    /** This layer with other first values of its weight. */
    public Linear weightInit(Initializer initializer) {
        return new Linear(in, out, bias, initializer, biasInit, named, callSite);
    }

    /** This layer with other first values of its bias. */
    public Linear biasInit(Initializer initializer) {
        Arguments.requireInit(this, callSite, "biasInit", initializer);
        return new Linear(in, out, bias, weightInit, initializer, named, callSite);
    }

    /** This layer with a name that replaces its position in parameter names. */
    public Linear named(String name) {
        return new Linear(in, out, bias, weightInit, biasInit, Arguments.requireName(this, callSite, name), callSite);
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        Scope own = LayerCalls.scope(this, scope);
        return LayerCalls.layer(this, callSite, own, x, input -> make(own, input), this::hint);
    }

    private Expr make(Scope scope, Expr x) {
        Shape shape = x.shape();
        if (shape.rank() < 2) {
            throw new ShapeException(Errors.notRows(shape));
        }
        if (in == INFERRED && shape.rank() > 3) {
            throw new ShapeException(Errors.imagesIntoLinear(shape));
        }
        int features = in == INFERRED ? shape.dim(-1) : in;
        if (features != shape.dim(-1)) {
            throw new ShapeException(Errors.features(features, shape));
        }
        Shape weightShape = Shape.of(out, features);
        Expr weight = scope.parameter("weight", weightShape, weightInit);
        Expr rows = shape.rank() == 2 ? x : x.reshape(Shape.of(rows(shape), features));
        Expr y = rows.matmul(weight.transposeLast());
        if (bias) {
            Initializer first = biasInit != null ? biasInit : Initializers.fanIn(weightShape);
            y = y.add(scope.parameter("bias", Shape.of(out), first));
        }
        return y.reshape(shape.with(-1, out));
    }

    private static int rows(Shape shape) {
        return shape.without(-1).size();
    }

    private String hint(Shape input) {
        if (input.rank() < 2 || input.size() == 0) {
            return "";
        }
        int sample = input.without(0).size();
        if (input.rank() > 3) {
            return Errors.addFlatten(
                    in == sample || in == INFERRED ? "" : withInput(sample).toString());
        }
        return Errors.didYouMean(withInput(input.dim(-1)));
    }

    private Linear withInput(int features) {
        return new Linear(features, out, bias, weightInit, biasInit, named, callSite);
    }

    private static String head(int in, int out) {
        return in == INFERRED ? Text.call("linear", out) : Text.call("linear", in, out);
    }

    /** The layer as the user wrote it. */
    @Override
    public String toString() {
        return head(in, out)
                + (bias ? "" : ".bias(false)")
                + Text.option("weightInit", weightInit, Initializers.fanIn())
                + (biasInit == null ? "" : ".biasInit(" + Text.of(biasInit) + ")")
                + Text.named(named);
    }
}
