package dev.fluxion.dsl.layer;

import dev.fluxion.ir.Expr;
import java.util.stream.IntStream;

/**
 * Mean and variance of an input along some axes, which stay with extent 1.
 *
 * @param mean the mean
 * @param centred the input without its mean
 * @param variance the biased variance
 * @param count of how many values each
 */
record Moments(Expr mean, Expr centred, Expr variance, int count) {
    /** The mean is taken twice: that of numbers nearly equal would be off by more than they differ. */
    static Moments of(Expr x, int... axes) {
        int count = IntStream.of(axes).map(x.shape()::dim).reduce(1, (a, b) -> a * b);
        Expr rough = mean(x, count, axes).stopGradient();
        Expr near = x.sub(rough);
        Expr rest = mean(near, count, axes);
        Expr centred = near.sub(rest);
        return new Moments(rough.add(rest), centred, mean(centred.square(), count, axes), count);
    }

    private static Expr mean(Expr x, int count, int... axes) {
        return x.sumKeepDims(axes).div(count);
    }

    /** The unbiased variance. */
    Expr unbiased() {
        return variance.mul((double) count / (count - 1));
    }

    /** 1 / √(variance + ε). */
    static Expr inverse(Expr variance, double eps) {
        return variance.add(eps).sqrt().reciprocal();
    }
}
