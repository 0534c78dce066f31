package dev.fluxion.dsl.layer;

import dev.fluxion.Scope;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.stream.IntStream;

/** What normalisations by channels, axis 1, have in common. */
final class Channels {
    /** The number of channels where it is inferred. */
    static final int INFERRED = 0;

    private Channels() {}

    /** Requires inputs with channels, so many if a number is given, and some more axes. */
    static void require(Shape input, int channels, int more) {
        if (input.rank() < 2 + more) {
            throw new ShapeException(Errors.noChannels(more, input));
        }
        if (channels != INFERRED && input.dim(1) != channels) {
            throw new ShapeException(Errors.channels(channels, input));
        }
    }

    /** All axes but that of the channels, or but those of samples and channels. */
    static int[] others(Shape input, boolean samples) {
        return IntStream.range(samples ? 0 : 2, input.rank())
                .filter(axis -> axis != 1)
                .toArray();
    }

    /**
     * Each group of channels of each sample normalised.
     *
     * @param affine whether each channel is then multiplied by a weight and gets a bias, which are parameters of the scope
     * @param biased whether there is that bias
     */
    static Expr normalised(Scope scope, Expr x, int groups, boolean affine, boolean biased, double eps) {
        Shape channels = Shape.of(x.shape().dim(1));
        Expr weight = affine ? weight(scope, x.shape()) : Expr.constant(1).broadcastTo(channels);
        Expr bias = affine && biased ? bias(scope, x.shape()) : Expr.constant(0).broadcastTo(channels);
        return x.groupNorm(groups, weight, bias, eps);
    }

    static Expr weight(Scope scope, Shape input) {
        return scope.parameter("weight", Shape.of(input.dim(1)), Initializers.ones());
    }

    static Expr bias(Scope scope, Shape input) {
        return scope.parameter("bias", Shape.of(input.dim(1)), Initializers.zeros());
    }

    /** Numbers of the channels beside an input, with extents of 1 along all other axes. */
    static Expr along(Expr channels, Shape input) {
        return channels.reshape(input.keeping(others(input, true)));
    }
}
