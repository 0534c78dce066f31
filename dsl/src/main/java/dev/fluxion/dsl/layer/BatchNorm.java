package dev.fluxion.dsl.layer;

import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;

/**
 * A batch normalisation (Ioffe and Szegedy, 2015): each channel, axis 1, becomes (x − mean) / √(variance + ε), times a weight plus
 * a bias. Inputs N×C or N×C×…, outputs the same. Training takes mean and biased variance of the batch, prediction the running
 * ones. Parameters: {@code weight}, first 1, and {@code bias}, first 0. Buffers: {@code running_mean}, first 0,
 * {@code running_var}, first 1, the unbiased one, and {@code num_batches_tracked}, exact up to 2²⁴.
 *
 * @param channels the number of channels; 0 to infer it
 * @param eps ε, added to the variance
 * @param momentum the part of running statistics that a batch replaces
 * @param cumulative whether running statistics are the means of those of all batches, whatever the momentum
 * @param affine whether there are a weight and a bias
 * @param bias whether there is a bias, if there is a weight
 * @param trackRunningStats whether there are running statistics; without them predictions, too, take those of the batch
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record BatchNorm(
        int channels,
        double eps,
        double momentum,
        boolean cumulative,
        boolean affine,
        boolean bias,
        boolean trackRunningStats,
        String named,
        CallSite callSite)
        implements NamedLayer {
    static final double EPS = 1e-5;
    static final double MOMENTUM = 0.1;
    private static final String NAME = "batchNorm";

    /** Checks the numbers. */
    public BatchNorm {
        Arguments.requireIdentity(NAME, named, callSite);
        String place = Text.place(head(channels), callSite);
        Numbers.requireAtLeast(place, "the number of channels", 0, channels);
        Numbers.requireNotNegative(place, "eps", eps);
        Numbers.requireProbability(place, "momentum", momentum);
    }

    /** This layer with another ε. */
    public BatchNorm eps(double added) {
        return new BatchNorm(channels, added, momentum, cumulative, affine, bias, trackRunningStats, named, callSite);
    }

    /** This layer with another momentum: the part of running statistics that a batch replaces. */
    public BatchNorm momentum(double part) {
        return new BatchNorm(channels, eps, part, cumulative, affine, bias, trackRunningStats, named, callSite);
    }

    /** This layer with running statistics that are, or are not, the means of those of all batches, as in PyTorch without a momentum. */
    public BatchNorm cumulative(boolean with) {
        return new BatchNorm(channels, eps, momentum, with, affine, bias, trackRunningStats, named, callSite);
    }

    /** This layer with or without weight and bias. */
    public BatchNorm affine(boolean with) {
        return new BatchNorm(channels, eps, momentum, cumulative, with, bias, trackRunningStats, named, callSite);
    }

    /** This layer with or without a bias, if it has a weight. */
    public BatchNorm bias(boolean with) {
        return new BatchNorm(channels, eps, momentum, cumulative, affine, with, trackRunningStats, named, callSite);
    }

    /** This layer with or without running statistics. */
    public BatchNorm trackRunningStats(boolean with) {
        return new BatchNorm(channels, eps, momentum, cumulative, affine, bias, with, named, callSite);
    }

    /** This layer with a name that replaces its position in parameter names. */
    public BatchNorm named(String name) {
        String checked = Arguments.requireName(this, callSite, name);
        return new BatchNorm(channels, eps, momentum, cumulative, affine, bias, trackRunningStats, checked, callSite);
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        Scope own = LayerCalls.scope(this, scope);
        return LayerCalls.layer(this, callSite, own, x, input -> make(own, input), this::hint);
    }

    private Expr make(Scope scope, Expr x) {
        Channels.require(x.shape(), channels, 0);
        Shape channel = Shape.of(x.shape().dim(1));
        Expr one = Expr.constant(1).broadcastTo(channel);
        Expr weight = affine ? Channels.weight(scope, x.shape()) : one;
        Expr shift = affine && bias ? Channels.bias(scope, x.shape()) : one.mul(0);
        if (!trackRunningStats) {
            return standardised(x, ofBatch(scope, x), weight, shift);
        }
        RunningStatistics running = RunningStatistics.of(scope, channel);
        if (!scope.training()) {
            Expr scale = weight.mul(Moments.inverse(running.variance(), eps));
            return x.sub(Channels.along(running.mean(), x.shape()))
                    .mul(Channels.along(scale, x.shape()))
                    .add(Channels.along(shift, x.shape()));
        }
        Moments moments = ofBatch(scope, x);
        Expr batches = running.batches().add(1);
        Expr part = cumulative ? batches.reciprocal() : Expr.constant(momentum);
        running.update(scope, moments.mean(), moments.unbiased(), part);
        scope.update(running.batches(), batches);
        return standardised(x, moments, weight, shift);
    }

    private static Moments ofBatch(Scope scope, Expr x) {
        Moments moments = Moments.ofBatch(x);
        if (scope.training() && moments.count() < 2) {
            throw new ShapeException(Errors.oneValuePerChannel(x.shape()));
        }
        return moments;
    }

    private Expr standardised(Expr x, Moments moments, Expr weight, Expr shift) {
        Expr scale = Channels.along(weight, x.shape()).mul(Moments.inverse(moments.variance(), eps));
        return x.standardise(moments.mean(), scale, Channels.along(shift, x.shape()));
    }

    private String hint(Shape input) {
        return channels == Channels.INFERRED || input.rank() < 2 || input.dim(1) == channels
                ? ""
                : Errors.didYouMean(new BatchNorm(
                        input.dim(1), eps, momentum, cumulative, affine, bias, trackRunningStats, named, callSite));
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
                + (cumulative ? ".cumulative(true)" : "")
                + (affine ? "" : ".affine(false)")
                + (bias ? "" : ".bias(false)")
                + (trackRunningStats ? "" : ".trackRunningStats(false)")
                + Text.named(named);
    }
}
