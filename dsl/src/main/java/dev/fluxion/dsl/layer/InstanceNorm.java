package dev.fluxion.dsl.layer;

import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;

/**
 * An instance normalisation (Ulyanov, Vedaldi and Lempitsky, 2016): each channel, axis 1, of each sample becomes
 * (x − mean) / √(variance + ε), the variance being the biased one. Inputs N×C×L, N×C×H×W, …, outputs the same. With
 * {@link #affine} it has parameters {@code weight}, first 1, and {@code bias}, first 0, for each channel. With
 * {@link #trackRunningStats} predictions take the means of what samples in training had: buffers {@code running_mean}, first 0,
 * and {@code running_var}, first 1, the unbiased one; {@code num_batches_tracked} stays 0, as in PyTorch.
 *
 * @param channels the number of channels; 0 to infer it
 * @param eps ε, added to the variance
 * @param momentum the part of running statistics that a batch replaces
 * @param affine whether there are a weight and a bias
 * @param bias whether there is a bias, if there is a weight
 * @param trackRunningStats whether there are running statistics
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record InstanceNorm(
        int channels,
        double eps,
        double momentum,
        boolean affine,
        boolean bias,
        boolean trackRunningStats,
        String named,
        CallSite callSite)
        implements NamedLayer {
    static final double EPS = 1e-5;
    static final double MOMENTUM = 0.1;
    private static final String NAME = "instanceNorm";

    /** Checks the numbers. */
    public InstanceNorm {
        Arguments.requireIdentity(NAME, named, callSite);
        String place = Text.place(head(channels), callSite);
        Numbers.requireAtLeast(place, "the number of channels", 0, channels);
        Numbers.requireNotNegative(place, "eps", eps);
        Numbers.requireProbability(place, "momentum", momentum);
    }

    /** This layer with another ε. */
    public InstanceNorm eps(double added) {
        return new InstanceNorm(channels, added, momentum, affine, bias, trackRunningStats, named, callSite);
    }

    /** This layer with another momentum: the part of running statistics that a batch replaces. */
    public InstanceNorm momentum(double part) {
        return new InstanceNorm(channels, eps, part, affine, bias, trackRunningStats, named, callSite);
    }

    /** This layer with or without weight and bias. */
    public InstanceNorm affine(boolean with) {
        return new InstanceNorm(channels, eps, momentum, with, bias, trackRunningStats, named, callSite);
    }

    /** This layer with or without a bias, if it has a weight. */
    public InstanceNorm bias(boolean with) {
        return new InstanceNorm(channels, eps, momentum, affine, with, trackRunningStats, named, callSite);
    }

    /** This layer with or without running statistics. */
    public InstanceNorm trackRunningStats(boolean with) {
        return new InstanceNorm(channels, eps, momentum, affine, bias, with, named, callSite);
    }

    /** This layer with a name that replaces its position in parameter names. */
    public InstanceNorm named(String name) {
        String checked = Arguments.requireName(this, callSite, name);
        return new InstanceNorm(channels, eps, momentum, affine, bias, trackRunningStats, checked, callSite);
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        Scope own = LayerCalls.scope(this, scope);
        return LayerCalls.layer(this, callSite, own, x, input -> make(own, input), this::hint);
    }

    private Expr make(Scope scope, Expr x) {
        Channels.require(x.shape(), channels, 1);
        boolean ownStatistics = scope.training() || !trackRunningStats;
        if (ownStatistics && x.shape().without(0, 1).size() == 1) {
            throw new ShapeException(Errors.oneValuePerInstance(x.shape()));
        }
        if (!trackRunningStats) {
            return Channels.normalised(scope, x, x.shape().dim(1), affine, bias, eps);
        }
        Expr y = tracked(scope, x);
        Expr scaled = affine ? y.mul(Channels.along(Channels.weight(scope, x.shape()), x.shape())) : y;
        return affine && bias ? scaled.add(Channels.along(Channels.bias(scope, x.shape()), x.shape())) : scaled;
    }

    private Expr tracked(Scope scope, Expr x) {
        RunningStatistics running =
                RunningStatistics.of(scope, Shape.of(x.shape().dim(1)));
        if (!scope.training()) {
            return x.sub(Channels.along(running.mean(), x.shape()))
                    .mul(Channels.along(Moments.inverse(running.variance(), eps), x.shape()));
        }
        Moments moments = Moments.ofInstances(x);
        running.update(scope, moments.mean().mean(0), moments.unbiased().mean(0), Expr.constant(momentum));
        Expr zero = Expr.constant(0).broadcastTo(moments.mean().shape());
        return x.standardise(moments.mean(), Moments.inverse(moments.variance(), eps), zero);
    }

    private String hint(Shape input) {
        return channels == Channels.INFERRED || input.rank() < 3 || input.dim(1) == channels
                ? ""
                : Errors.didYouMean(new InstanceNorm(
                        input.dim(1), eps, momentum, affine, bias, trackRunningStats, named, callSite));
    }

    private static String head(int channels) {
        return channels == Channels.INFERRED ? NAME + "()" : Text.call(NAME, channels);
    }

    /** The layer as the user wrote it. */
    @Override
    public String toString() {
        return head(channels)
                + Text.option("eps", eps, EPS)
                + Text.option("momentum", momentum, MOMENTUM)
                + (affine ? ".affine(true)" : "")
                + (bias ? "" : ".bias(false)")
                + (trackRunningStats ? ".trackRunningStats(true)" : "")
                + Text.named(named);
    }
}
