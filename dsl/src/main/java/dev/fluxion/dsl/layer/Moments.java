package dev.fluxion.dsl.layer;

import dev.fluxion.ir.Expr;
import java.util.stream.IntStream;

/**
 * Mean and variance of an input along some axes, which stay with extent 1.
 *
 * @param mean the mean
 * @param variance the biased variance
 * @param count of how many values each
 */
record Moments(Expr mean, Expr variance, int count) {
    /** Those of each channel of each sample. */
    static Moments ofInstances(Expr x) {
        int[] places = Channels.others(x.shape(), false);
        Expr means = x.moments(places);
        return new Moments(means, means.result(1), count(x, places));
    }

    /** Those of each channel of a batch: of the means of samples, and the mean of their variances. */
    static Moments ofBatch(Expr x) {
        Moments each = ofInstances(x);
        Expr all = each.mean.moments(0);
        Expr within = each.variance.sumKeepDims(0).div(x.shape().dim(0));
        return new Moments(
                all, all.result(1).add(within), each.count * x.shape().dim(0));
    }

    private static int count(Expr x, int... axes) {
        return IntStream.of(axes).map(x.shape()::dim).reduce(1, (a, b) -> a * b);
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
