package dev.fluxion.engine.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.ir.UnaryFn;
import org.junit.jupiter.api.Test;

/** The functions of gates are those of the interpreter, within a few roundings of what they are. */
class SquashTest {
    private static final int N = 1 << 16;
    private static final double TOLERANCE = 1e-6;
    /** Of what is next to nothing, for each unit of the operand. */
    private static final double BELOW = 5e-7;

    private final float[] room = new float[N];

    /** Some numbers, and those in which functions often err. */
    private static float[] numbers() {
        float[] x = new float[N];
        for (int i = 0; i < N; i++) {
            x[i] = (i - N / 2) / 370f;
        }
        float[] odd = {0, -0f, Float.MIN_VALUE, -1e-30f, 1e-7f, 88, -88, -104, Float.MAX_VALUE, -Float.MAX_VALUE};
        System.arraycopy(odd, 0, x, 0, odd.length);
        x[odd.length] = Float.POSITIVE_INFINITY;
        x[odd.length + 1] = Float.NEGATIVE_INFINITY;
        x[odd.length + 2] = Float.NaN;
        return x;
    }

    @Test
    void logistic() {
        float[] x = numbers();
        float[] y = x.clone();
        Squash.logistic(y, room, N);
        for (int i = 0; i < N; i++) {
            double expected = UnaryFn.SIGMOID.apply(x[i], 0);
            double relative = Math.max(TOLERANCE, Math.min(-x[i], 128) * BELOW);
            check(x[i], y[i], expected, Float.MIN_NORMAL + expected * relative);
        }
    }

    @Test
    void tangent() {
        float[] x = numbers();
        float[] y = x.clone();
        Squash.tangent(y, room, N);
        for (int i = 0; i < N; i++) {
            double expected = UnaryFn.TANH.apply(x[i], 0);
            check(x[i], y[i], expected, Float.MIN_NORMAL + Math.abs(expected) * TOLERANCE);
        }
    }

    private static void check(float x, float got, double expected, double tolerance) {
        boolean same = Double.isNaN(expected) ? Float.isNaN(got) : Math.abs(got - expected) <= tolerance;
        assertThat(same).as("f(%s) is %s, not %s", x, got, expected).isTrue();
    }
}
