package dev.fluxion.engine.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.ir.Value;
import java.util.Arrays;
import java.util.List;

/** Compares values up to rounding. */
final class Close {
    private Close() {}

    /** Checks elements up to an error relative to the largest of them. */
    static void check(String what, Value actual, Value expected, double relative) {
        check(what, actual, expected, relative, List.of());
    }

    /** Checks elements up to an error relative to the largest of them and of what they were computed from. */
    static void check(String what, Value actual, Value expected, double relative, List<Value> operands) {
        assertThat(actual.shape()).as(what).isEqualTo(expected.shape());
        double largest = Math.max(1e-30, largest(expected));
        for (Value operand : operands) {
            largest = Math.max(largest, largest(operand));
        }
        for (int i = 0; i < expected.data().length; i++) {
            double error = Math.abs(actual.data()[i] - expected.data()[i]);
            if (!(error <= relative * largest)) {
                assertThat(actual.data()[i]).as("%s, element %d", what, i).isEqualTo(expected.data()[i]);
            }
        }
    }

    private static double largest(Value value) {
        return Arrays.stream(value.data()).map(Math::abs).max().orElse(0);
    }

    /** The sum of the products of elements. */
    static double dot(Value a, Value b) {
        assertThat(a.shape()).isEqualTo(b.shape());
        double sum = 0;
        for (int i = 0; i < a.data().length; i++) {
            sum += a.data()[i] * b.data()[i];
        }
        return sum;
    }

    /** α·a + β·b. */
    static Value combine(double alpha, Value a, double beta, Value b) {
        double[] out = new double[a.data().length];
        for (int i = 0; i < out.length; i++) {
            out[i] = alpha * a.data()[i] + beta * b.data()[i];
        }
        return new Value(a.shape(), out);
    }
}
