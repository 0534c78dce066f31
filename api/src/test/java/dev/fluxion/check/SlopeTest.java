package dev.fluxion.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

class SlopeTest {
    private static void smooth(DoubleUnaryOperator f, double expected) {
        assertThat(Slope.at0(f, 1e-7, 1e-3).orElseThrow()).isCloseTo(expected, within(1e-9 * (1 + Math.abs(expected))));
    }

    private static void kinked(DoubleUnaryOperator f) {
        assertThat(Slope.at0(f, 1e-7, 1e-3)).isEmpty();
    }

    @Test
    void smoothFunctionsHaveASlope() {
        smooth(t -> 3 * t - 2, 3);
        smooth(t -> 5, 0);
        smooth(t -> Math.exp(2 * t), 2);
        smooth(t -> Math.sin(30 * t), 30);
        smooth(t -> Math.log(0.02 + t), 50);
        smooth(t -> 1 / (0.01 + t), -1e4);
        smooth(t -> t * t, 0);
        smooth(t -> t * t * t * t, 0);
    }

    @Test
    void aKinkNearbyIsAvoided() {
        smooth(t -> Math.abs(t - 1e-3), -1);
        smooth(t -> Math.max(t + 1e-4, 0), 1);
    }

    @Test
    void atAKinkThereIsNone() {
        kinked(Math::abs);
        kinked(t -> Math.max(t, 0));
        kinked(t -> Math.max(t, 0) + 0.999 * Math.min(t, 0) + t * t);
        kinked(t -> t < 1e-9 ? 0 : 1);
        kinked(Math::sqrt);
        kinked(t -> Double.NaN);
        kinked(t -> t == 0 ? 1 : t);
    }
}
