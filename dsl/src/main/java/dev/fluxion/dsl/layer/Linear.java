package dev.fluxion.dsl.layer;

import dev.fluxion.Initializer;
import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
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
 * @param tied the parameter of a layer before that is the weight, by its full name; empty for one of its own
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record Linear(
        int in,
        int out,
        boolean bias,
        Initializer weightInit,
        @Nullable Initializer biasInit,
        String tied,
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
        Given.require(Text.place(text, callSite), "the name of the weight", tied);
    }

    /** This layer with or without a bias. */
    public Linear bias(boolean withBias) {
        return new Linear(in, out, withBias, weightInit, biasInit, tied, named, callSite);
    }

    /** This layer with other first values of its weight. */
    public Linear weightInit(Initializer initializer) {
        return new Linear(in, out, bias, initializer, biasInit, tied, named, callSite);
    }

    /** This layer with other first values of its bias. */
    public Linear biasInit(Initializer initializer) {
        Arguments.requireInit(this, callSite, "biasInit", initializer);
        return new Linear(in, out, bias, weightInit, initializer, tied, named, callSite);
    }

    /**
     * This layer with the parameter of a layer before as its weight, such as {@code weight("wte.weight")} for that of an
     * embedding, out×in. Both are trained as one, and it is saved by that name.
     */
    public Linear weight(String parameter) {
        String checked = Arguments.requireValueName(this, callSite, "the name of the weight", parameter);
        return new Linear(in, out, bias, weightInit, biasInit, checked, named, callSite);
    }

    /** This layer with a name that replaces its position in parameter names. */
    public Linear named(String name) {
        return new Linear(
                in, out, bias, weightInit, biasInit, tied, Arguments.requireName(this, callSite, name), callSite);
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
        Expr weight = tied.isEmpty() ? scope.parameter("weight", weightShape, weightInit) : tied(scope, weightShape);
        Expr rows = shape.rank() == 2 ? x : x.reshape(Shape.of(rows(shape), features));
        Expr y = rows.matmul(weight.transposeLast());
        if (bias) {
            Initializer first = biasInit != null ? biasInit : Initializers.fanIn(weightShape);
            y = y.add(scope.parameter("bias", Shape.of(out), first));
        }
        return y.reshape(shape.with(-1, out));
    }

    private Expr tied(Scope scope, Shape shape) {
        Expr weight = scope.parameter(tied);
        if (!weight.shape().equals(shape)) {
            throw new ShapeException(Errors.tiedWeight(tied, shape, weight.shape()));
        }
        return weight;
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
        return new Linear(features, out, bias, weightInit, biasInit, tied, named, callSite);
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
                + Text.quoted("weight", tied)
                + (biasInit == null ? "" : ".biasInit(" + Text.of(biasInit) + ")")
                + Text.named(named);
    }
}
