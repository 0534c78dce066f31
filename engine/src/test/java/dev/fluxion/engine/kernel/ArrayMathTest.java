package dev.fluxion.engine.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.ir.BinaryFn;
import dev.fluxion.ir.UnaryFn;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every function of one or two numbers is that of the interpreter, rounded, what is no number included. */
class ArrayMathTest {
    /** Half a unit in the last place, and a little for what was off before. */
    private static final double ROUNDING = 1.01 * 0x1p-24;

    private static final float[] ODD = {
        0,
        -0f,
        1,
        -1,
        Float.NaN,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        Float.MIN_VALUE,
        -Float.MIN_VALUE,
        Float.MIN_NORMAL,
        Float.MAX_VALUE,
        -Float.MAX_VALUE,
        1e-10f,
        -1e-10f,
        0.5f,
        -0.5f,
        2,
        -2,
        3.7f,
        -3.7f,
        30,
        -30,
        88.7f,
        -88.7f,
        -100
    };

    @ParameterizedTest
    @EnumSource(UnaryFn.class)
    void unary(UnaryFn fn) {
        for (double alpha : fn.parameterised() ? new double[] {0.3, -0.3, 2} : new double[] {0}) {
            float[] x = new float[4096];
            System.arraycopy(ODD, 0, x, 0, ODD.length);
            for (int i = ODD.length; i < x.length; i++) {
                x[i] = (i - 2048) / 97f;
            }
            float[] out = new float[x.length];
            ArrayMath.unary(fn, alpha, x, new double[2 * x.length], out, x.length);
            for (int i = 0; i < x.length; i++) {
                double expected = fn.apply(x[i], alpha);
                // The sum of what is above 0 and below is no −0 where the slope turns the sign of 0.
                boolean unsigned = fn == UnaryFn.LEAKY_RELU && alpha < 0;
                check(
                        fn + "(" + x[i] + ", " + alpha + ")",
                        unsigned ? out[i] + 0f : out[i],
                        unsigned ? expected + 0.0 : expected,
                        roundings(fn) * ROUNDING);
            }
        }
    }

    /** What is computed in double precision is rounded once; erf is off by a third of that before. */
    private static double roundings(UnaryFn fn) {
        return switch (fn) {
            case SOFTPLUS -> 3.5;
            case LEAKY_RELU -> 2;
            case ERF -> 1 + 1 / 3.0;
            default -> 1;
        };
    }

    @ParameterizedTest
    @EnumSource(BinaryFn.class)
    void binary(BinaryFn fn) {
        float[] out = new float[ODD.length];
        for (int shift = 0; shift < ODD.length; shift++) {
            float[] b = new float[ODD.length];
            for (int i = 0; i < b.length; i++) {
                b[i] = ODD[(i + shift) % b.length];
            }
            ArrayMath.binary(fn, ODD, b, new double[2 * b.length], out, b.length);
            for (int i = 0; i < b.length; i++) {
                check(fn + "(" + ODD[i] + ", " + b[i] + ")", out[i], fn.apply(ODD[i], b[i]), ROUNDING);
            }
        }
    }

    @Test
    void where() {
        float[] condition = {0, -0f, Float.NaN, 1, -1, Float.MIN_VALUE, Float.NEGATIVE_INFINITY};
        float[] then = {1, 2, 3, 4, -0f, Float.NaN, Float.POSITIVE_INFINITY};
        float[] otherwise = {-1, Float.NaN, -3, -4, -5, -6, -7};
        float[] out = new float[7];
        ArrayMath.where(condition, then, otherwise, out, 7);
        assertThat(out).containsExactly(-1, Float.NaN, 3, 4, -0f, Float.NaN, Float.POSITIVE_INFINITY);
    }

    /** The integer part; beyond all integers, the largest or the smallest one. */
    @Test
    void truncate() {
        float[] x = {1.9f, -1.9f, 0.9f, -0.9f, -0f, 16777216, Float.NaN, 3e9f, -3e9f, Float.POSITIVE_INFINITY, -2};
        float[] out = new float[x.length];
        IntMath.truncate(x, out, x.length);
        int[] bits = new int[x.length];
        Arrays.setAll(bits, i -> Float.floatToRawIntBits(out[i]));
        int[] expected = {1, -1, 0, 0, 0, 16777216, 0, Integer.MAX_VALUE, Integer.MIN_VALUE, Integer.MAX_VALUE, -2};
        assertThat(bits).isEqualTo(expected);
    }

    /** Zeros of the right sign, infinities and what is no number exactly, all others about. */
    private static void check(String what, float found, double expected, double relative) {
        float exact = (float) expected;
        boolean about = expected != 0 && Float.isFinite(exact);
        double error = Math.abs(found - expected);
        assertThat(Float.compare(found, exact) == 0
                        || about && error <= relative * Math.abs(expected) + 2 * Float.MIN_VALUE)
                .as("%s: %s, not %s", what, found, expected)
                .isTrue();
    }
}
