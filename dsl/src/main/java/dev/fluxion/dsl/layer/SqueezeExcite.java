package dev.fluxion.dsl.layer;

import dev.fluxion.Layer;
import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;

/**
 * Images N×C×H×W, each channel times a factor that is made of the means of all channels (Hu, Shen and Sun, "Squeeze-and-excitation
 * networks", 2018): mean, 1×1 convolution to fewer channels, relu, 1×1 convolution back, sigmoid. Parameters, as in torchvision:
 * {@code fc1.weight}, {@code fc1.bias}, {@code fc2.weight} and {@code fc2.bias}.
 *
 * @param channels the number of channels; 0 to infer it
 * @param squeeze the number of channels between the convolutions
 * @param activation the function between them
 * @param scale the function behind them
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record SqueezeExcite(int channels, int squeeze, Layer activation, Layer scale, String named, CallSite callSite)
        implements NamedLayer {
    private static final String NAME = "squeezeExcite";

    /** Checks the numbers. */
    public SqueezeExcite {
        Arguments.requireIdentity(NAME, named, callSite);
        String text = head(channels, squeeze);
        Arguments.requireAtLeast(text, callSite, "the number of channels", 0, channels);
        Arguments.requireAtLeast(text, callSite, "squeeze", 1, squeeze);
        Given.require(Text.place(text, callSite), "the activation", activation);
        Given.require(Text.place(text, callSite), "the scale", scale);
    }

    static SqueezeExcite of(int channels, int squeeze, CallSite callSite) {
        return new SqueezeExcite(channels, squeeze, Layers.relu(), Layers.sigmoid(), "", callSite);
    }

    /** This layer with another function between the convolutions, such as {@link Layers#silu()}. */
    public SqueezeExcite activation(Layer function) {
        return new SqueezeExcite(channels, squeeze, function, scale, named, callSite);
    }

    /** This layer with another function that makes the factors, such as {@link Layers#hardSigmoid()}. */
    public SqueezeExcite scale(Layer function) {
        return new SqueezeExcite(channels, squeeze, activation, function, named, callSite);
    }

    /** This layer with a name that replaces its position in parameter names. */
    public SqueezeExcite named(String name) {
        return new SqueezeExcite(
                channels, squeeze, activation, scale, Arguments.requireName(this, callSite, name), callSite);
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        Scope own = LayerCalls.scope(this, scope);
        return LayerCalls.layer(this, callSite, own, x, input -> make(own, input), this::hint);
    }

    private Expr make(Scope scope, Expr x) {
        Shape shape = x.shape();
        Arguments.requireImages(shape);
        Channels.require(shape, channels, 2);
        Expr means = x.mean(2, 3).reshape(Shape.of(shape.dim(0), shape.dim(1), 1, 1));
        Expr few = part("activation", activation, scope, part("fc1", conv(shape.dim(1), squeeze), scope, means));
        return x.mul(part("scale_activation", scale, scope, part("fc2", conv(squeeze, shape.dim(1)), scope, few)));
    }

    private Expr part(String name, Layer layer, Scope scope, Expr x) {
        return LayerCalls.part(layer, name, callSite, scope, x);
    }

    private Conv conv(int in, int out) {
        return Conv.of(Spatial.IMAGES, in, out, Size.of(1), callSite);
    }

    private String hint(Shape input) {
        return input.rank() == 4 && input.dim(1) > 0
                ? Errors.didYouMean(new SqueezeExcite(input.dim(1), squeeze, activation, scale, named, callSite))
                : Errors.batchAxisHint(input);
    }

    private static String head(int channels, int squeeze) {
        return channels == Channels.INFERRED ? Text.call(NAME, squeeze) : Text.call(NAME, channels, squeeze);
    }

    /** The layer as the user wrote it. */
    @Override
    public String toString() {
        return head(channels, squeeze)
                + (Text.of(activation).equals("relu()") ? "" : ".activation(" + Text.of(activation) + ")")
                + (Text.of(scale).equals("sigmoid()") ? "" : ".scale(" + Text.of(scale) + ")")
                + Text.named(named);
    }
}
