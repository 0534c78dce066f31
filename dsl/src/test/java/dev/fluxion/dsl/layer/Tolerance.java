package dev.fluxion.dsl.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.ir.Value;
import java.util.Arrays;
import java.util.function.ToDoubleFunction;

/**
 * How near a tensor is to a recorded one.
 *
 * @param share the share of its largest element that each element may be off
 * @param dust what remains of sums that cancel, by the name of the tensor: so much more
 */
record Tolerance(double share, ToDoubleFunction<String> dust) {
    /** The share, also of 1 where all is smaller: the sum of a softmax's gradient is 0 but for rounding. */
    static Tolerance of(double share) {
        return new Tolerance(share, name -> share);
    }

    /** With the same dust for all. */
    static Tolerance of(double share, double dust) {
        return new Tolerance(share, name -> dust);
    }

    void require(String what, String name, Value actual, Value expected) {
        assertThat(actual.shape()).as("%s, %s", what, name).isEqualTo(expected.shape());
        double largest = Arrays.stream(expected.data())
                .map(Math::abs)
                .filter(Double::isFinite)
                .max()
                .orElse(0);
        double most = share * largest + dust.applyAsDouble(name);
        for (int i = 0; i < expected.data().length; i++) {
            assertThat(actual.data()[i]).as("%s, %s %d", what, name, i).isCloseTo(expected.data()[i], within(most));
        }
    }
}
