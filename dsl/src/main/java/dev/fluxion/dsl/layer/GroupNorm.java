package dev.fluxion.dsl.layer;

import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;

/**
 * A group normalisation (Wu and He, 2018): of each sample the channels, axis 1, are divided into groups of neighbours, and each
 * group becomes (x − mean) / √(variance + ε), the variance being the biased one; then each channel is multiplied by a weight and
 * gets a bias. Inputs N×C or N×C×…, outputs the same. Parameters: {@code weight}, first 1, and {@code bias}, first 0.
 *
 * <p>A group of a single value becomes its bias, in a batch of one as well, where PyTorch refuses it.
 *
 * @param groups the number of groups, which divides that of the channels
 * @param channels the number of channels; 0 to infer it
 * @param eps ε, added to the variance
 * @param affine whether there are a weight and a bias
 * @param bias whether there is a bias, if there is a weight
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record GroupNorm(
        int groups, int channels, double eps, boolean affine, boolean bias, String named, CallSite callSite)
        implements NamedLayer {
    static final double EPS = 1e-5;
    private static final String NAME = "groupNorm";

    /** Checks the numbers. */
    public GroupNorm {
        Arguments.requireIdentity(NAME, named, callSite);
        String text = head(groups, channels);
        Arguments.requireAtLeast(text, callSite, "groups", 1, groups);
        Arguments.requireAtLeast(text, callSite, "the number of channels", 0, channels);
        Arguments.requireDivisor(text, callSite, "groups", groups, "channels", channels);
        Numbers.requireNotNegative(Text.place(text, callSite), "eps", eps);
    }

    /** This layer with another ε. */
    public GroupNorm eps(double added) {
        return new GroupNorm(groups, channels, added, affine, bias, named, callSite);
    }

    /** This layer with or without weight and bias. */
    public GroupNorm affine(boolean with) {
        return new GroupNorm(groups, channels, eps, with, bias, named, callSite);
    }

    /** This layer with or without a bias, if it has a weight. */
    public GroupNorm bias(boolean with) {
        return new GroupNorm(groups, channels, eps, affine, with, named, callSite);
    }

    /** This layer with a name that replaces its position in parameter names. */
    public GroupNorm named(String name) {
        return new GroupNorm(
                groups, channels, eps, affine, bias, Arguments.requireName(this, callSite, name), callSite);
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        Scope own = LayerCalls.scope(this, scope);
        return LayerCalls.layer(this, callSite, own, x, input -> make(own, input), this::hint);
    }

    private Expr make(Scope scope, Expr x) {
        Channels.require(x.shape(), channels, 0);
        if (x.shape().dim(1) % groups != 0) {
            throw new ShapeException(Errors.ungroupable(groups, x.shape()));
        }
        return Channels.normalised(scope, x, groups, affine, bias, eps);
    }

    private String hint(Shape input) {
        return channels == Channels.INFERRED || input.rank() < 2 || input.dim(1) % groups != 0
                ? ""
                : Errors.didYouMean(new GroupNorm(groups, input.dim(1), eps, affine, bias, named, callSite));
    }

    private static String head(int groups, int channels) {
        return channels == Channels.INFERRED ? Text.call(NAME, groups) : Text.call(NAME, groups, channels);
    }

    /** The layer as the user wrote it. */
    @Override
    public String toString() {
        return head(groups, channels)
                + Text.option("eps", eps, EPS)
                + (affine ? "" : ".affine(false)")
                + (bias ? "" : ".bias(false)")
                + Text.named(named);
    }
}
