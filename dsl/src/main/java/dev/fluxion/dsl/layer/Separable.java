package dev.fluxion.dsl.layer;

import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Size;

/**
 * A convolution of each channel by itself, and then one with a kernel of 1 over all channels (Chollet, "Xception", 2017).
 * Parameters: {@code depthwise.weight} in×1×K×K, {@code depthwise.bias}, {@code pointwise.weight} out×in×1×1, {@code
 * pointwise.bias}.
 *
 * @param depthwise the convolution with as many groups as channels
 * @param pointwise the convolution with a kernel of 1
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record Separable(Conv depthwise, Conv pointwise, String named, CallSite callSite) implements NamedLayer {
    /** Checks that nothing is null. */
    public Separable {
        Arguments.requireIdentity("separable", named, callSite);
        Given.require(Text.place("separable", callSite), "the depthwise convolution", depthwise);
        Given.require(Text.place("separable", callSite), "the pointwise convolution", pointwise);
    }

    /** This layer with another stride. */
    public Separable stride(int both) {
        return with(depthwise.stride(both));
    }

    /** This layer with zeros added on all sides. */
    public Separable pad(int all) {
        return with(depthwise.pad(all));
    }

    /** This layer with zeros added as the names say: see {@link Conv#pad(String)}. */
    public Separable pad(String kind) {
        return with(depthwise.pad(kind));
    }

    /** This layer with another dilation of its kernel. */
    public Separable dilation(int both) {
        return with(depthwise.dilation(both));
    }

    /** This layer with or without biases. */
    public Separable bias(boolean withBias) {
        return new Separable(depthwise.bias(withBias), pointwise.bias(withBias), named, callSite);
    }

    /** This layer with a name that replaces its position in parameter names. */
    public Separable named(String name) {
        return new Separable(depthwise, pointwise, Arguments.requireName(this, callSite, name), callSite);
    }

    private Separable with(Conv newDepthwise) {
        return new Separable(newDepthwise, pointwise, named, callSite);
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        Scope own = LayerCalls.scope(this, scope);
        Expr each = LayerCalls.part(depthwise, "depthwise", callSite, own, x);
        return LayerCalls.part(pointwise, "pointwise", callSite, own, each);
    }

    /** The layer as the user wrote it. */
    @Override
    public String toString() {
        return Text.call(
                        "separable",
                        depthwise.in(),
                        pointwise.out(),
                        depthwise.kernel().w())
                + Text.option("stride", depthwise.stride(), Size.of(1))
                + (depthwise.same() ? Text.quoted("pad", "same") : Text.option("pad", depthwise.pad(), Size.of(0)))
                + Text.option("dilation", depthwise.dilation(), Size.of(1))
                + (depthwise.bias() ? "" : ".bias(false)")
                + Text.named(named);
    }
}
