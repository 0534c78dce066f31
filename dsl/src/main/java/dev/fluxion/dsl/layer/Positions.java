package dev.fluxion.dsl.layer;

import dev.fluxion.Scope;
import dev.fluxion.Tensor;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntFunction;

/** Tables of sines and cosines of positions: position t turns pair i of {@code pairs} by the angle t·10000^(−i/pairs). */
final class Positions {
    private static final double SLOWEST = 10_000;

    private Positions() {}

    /** The rows of a table, made for so many positions, that positions of sequences have along axis 1. */
    static Expr rows(Scope scope, Expr x, IntFunction<Expr> table) {
        int length = x.shape().dim(1);
        if (!scope.goesOn(x)) {
            return table.apply(length);
        }
        Expr all = table.apply(scope.past().most());
        Shape rows = Shape.of(length, all.shape().dim(1));
        return all.gather(0, scope.positions().reshape(length, 1).broadcastTo(rows));
    }

    /** The sine of each pair at an even index, its cosine behind it: {@code length}×{@code width}. */
    static Expr sinusoidal(int length, int width) {
        int pairs = (width + 1) / 2;
        Expr sines = table(length, pairs, width / 2.0, Math::sin).reshape(length, pairs, 1);
        Expr cosines = table(length, pairs, width / 2.0, Math::cos).reshape(length, pairs, 1);
        return Expr.concat(2, List.of(sines, cosines))
                .reshape(length, 2 * pairs)
                .slice(1, 0, width);
    }

    /** Heads N×T×H×D, whose elements i and i + D/2 are turned as a point in the plane. */
    static Expr rotated(Scope scope, Expr x) {
        int length = x.shape().dim(1);
        int half = x.shape().dim(3) / 2;
        Expr sines = rows(scope, x, n -> table(n, half, half, Math::sin)).reshape(length, 1, half);
        Expr cosines = rows(scope, x, n -> table(n, half, half, Math::cos)).reshape(length, 1, half);
        Expr a = x.slice(3, 0, half);
        Expr b = x.slice(3, half, 2 * half);
        return Expr.concat(
                3, List.of(a.mul(cosines).sub(b.mul(sines)), b.mul(cosines).add(a.mul(sines))));
    }

    private static Expr table(int length, int pairs, double period, DoubleUnaryOperator function) {
        float[] data = new float[length * pairs];
        for (int i = 0; i < data.length; i++) {
            int position = i / pairs;
            double angle = position * Math.pow(SLOWEST, -(i % pairs) / period);
            data[i] = (float) function.applyAsDouble(angle);
        }
        return Expr.constant(Tensor.of(data, Shape.of(length, pairs)));
    }
}
