package dev.fluxion.engine.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.ir.UnaryFn;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The functions against those of {@link Math}, for numbers all over the range of float32. */
class FloatMathTest {
    /** Gives millions of numbers, all exponents among them. */
    private static final int STRIDE = 1009;

    @Test
    void functionsAreThoseOfMath() {
        for (long bits = Integer.MIN_VALUE; bits <= Integer.MAX_VALUE; bits += STRIDE) {
            float x = Float.intBitsToFloat((int) bits);
            check("log", FloatMath::log, Math::log, x);
            check("exp", FloatMath::exp, Math::exp, x);
            check("log1p", FloatMath::log1p, Math::log1p, x);
            check("sin", FloatMath::sin, Math::sin, x);
            check("cos", FloatMath::cos, Math::cos, x);
        }
    }

    /** What is left of a float next to a zero of a sine or cosine is little, but as exact. */
    @Test
    void sinesAreExactNextToTheirZeros() {
        for (int k = -70_000; k <= 70_000; k++) {
            float nearest = (float) (k * Math.PI / 2);
            for (float x : new float[] {Math.nextDown(nearest), nearest, Math.nextUp(nearest)}) {
                check("sin", FloatMath::sin, Math::sin, x);
                check("cos", FloatMath::cos, Math::cos, x);
            }
        }
    }

    /** From 4 on, 1 is nearer than the next float. */
    @Test
    void erfIsThatOfTheInterpreter() {
        for (float x = -5; x < 5; x += 0x1p-12f) {
            double expected = UnaryFn.ERF.apply(x, 0);
            assertThat(Math.abs(FloatMath.erf(x) - expected))
                    .as("erf %s", x)
                    .isLessThanOrEqualTo(2e-8 * Math.abs(expected));
        }
        for (float x = 1; x > Float.MIN_VALUE; x *= 0.7f) {
            check("erf", FloatMath::erf, v -> UnaryFn.ERF.apply(v, 0), x);
            check("erf", FloatMath::erf, v -> UnaryFn.ERF.apply(v, 0), -x);
        }
    }

    @ParameterizedTest
    @ValueSource(
            doubles = {
                0,
                -0.0,
                1,
                -1,
                2,
                -2,
                Double.POSITIVE_INFINITY,
                Double.NEGATIVE_INFINITY,
                Double.NaN,
                Double.MIN_VALUE,
                Double.MAX_VALUE,
                -700,
                -701,
                -800,
                700,
                710
            })
    void edgesAreThoseOfMath(double x) {
        check("log", FloatMath::log, Math::log, x);
        check("exp", FloatMath::exp, Math::exp, x);
        check("log1p", FloatMath::log1p, Math::log1p, x);
        for (double e :
                new double[] {0, 1, -1, 3, 0.5, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            check("pow " + e, v -> FloatMath.pow(v, e), v -> Math.pow(v, e), x);
        }
    }

    /** Whatever a float is to the power of another, as long as the result is one. */
    @Test
    void powersAreThoseOfMath() {
        for (double x = 1e-38; x < 3e38; x *= 1.37) {
            for (double e = -120; e <= 120; e += 0.37) {
                double expected = Math.pow(x, e);
                if (expected > 1e-45 && expected < 4e38) {
                    assertThat(isNear(FloatMath.pow(x, e), expected))
                            .as("%s^%s", x, e)
                            .isTrue();
                }
            }
        }
    }

    private static void check(String name, DoubleUnaryOperator fn, DoubleUnaryOperator exact, double x) {
        double found = fn.applyAsDouble(x);
        double expected = exact.applyAsDouble(x);
        if (!isNear(found, expected)) {
            throw new AssertionError(name + " of " + x + " is " + expected + ", not " + found);
        }
    }

    private static boolean isNear(double found, double expected) {
        boolean close = Math.abs(found - expected) <= 1e-10 * Math.abs(expected);
        return Double.compare(found, expected) == 0 || close && Double.isFinite(expected);
    }
}
