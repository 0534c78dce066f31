package dev.fluxion.dsl.layer;

import dev.fluxion.Scope;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.util.stream.IntStream;

/** Sets elements to 0 at random (Srivastava et al., "Dropout", 2014). */
final class Dropout {
    /** −λα of selu: what its outputs tend to (Klambauer et al., 2017). */
    private static final double LEAST = Activations.SELU_SCALE * Activations.SELU_ALPHA;

    private Dropout() {}

    /** In training, each element is 0 with probability p, and the others are divided by 1 − p. */
    static Expr of(Scope scope, Expr x, double p) {
        return of(scope, x, x.shape(), p);
    }

    /** The same, with all elements of a channel, axis 1, of a sample together. */
    static Expr ofChannels(Scope scope, Expr x, double p) {
        return of(scope, x, channels(x), p);
    }

    private static Expr of(Scope scope, Expr x, Shape drawn, double p) {
        return isIdle(scope, p) ? x : x.mul(kept(scope, drawn, p).mul(p == 1 ? 0 : 1 / (1 - p)));
    }

    /** In training, each element is what selu tends to with probability p; mean 0 and variance 1 are kept. */
    static Expr alpha(Scope scope, Expr x, double p) {
        return alpha(scope, x, x.shape(), p);
    }

    /** The same, with all elements of a channel, axis 1, of a sample together. */
    static Expr alphaOfChannels(Scope scope, Expr x, double p) {
        return alpha(scope, x, channels(x), p);
    }

    private static Expr alpha(Scope scope, Expr x, Shape drawn, double p) {
        if (isIdle(scope, p)) {
            return x;
        }
        double a = p == 1 ? 0 : 1 / Math.sqrt((LEAST * LEAST * p + 1) * (1 - p));
        Expr kept = kept(scope, drawn, p);
        return x.mul(kept.mul(a)).add(kept.sub(1 - p).mul(LEAST * a));
    }

    /** One number for each channel of each sample. */
    private static Shape channels(Expr x) {
        Channels.require(x.shape(), Channels.INFERRED, 1);
        return x.shape().keeping(IntStream.range(2, x.shape().rank()).toArray());
    }

    private static boolean isIdle(Scope scope, double p) {
        return !scope.training() || p == 0;
    }

    /** 1 where an element is kept, else 0. */
    private static Expr kept(Scope scope, Shape shape, double p) {
        float threshold = (float) p; // as an engine in float32 compares, so that all draw the same elements
        return scope.uniform(shape).ge(threshold);
    }
}
