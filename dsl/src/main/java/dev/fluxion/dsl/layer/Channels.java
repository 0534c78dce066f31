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

    /** The input times a weight plus a bias for each channel, which are parameters of the scope. */
    static Expr affine(Scope scope, Expr x) {
        return x.mul(along(weight(scope, x.shape()), x.shape())).add(along(bias(scope, x.shape()), x.shape()));
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
