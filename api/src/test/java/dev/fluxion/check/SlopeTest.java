package dev.fluxion.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

class SlopeTest {
    private static void smooth(DoubleUnaryOperator f, double expected) {
        Slope slope = Slope.at0(f, 1e-7, 1e-3, 0);
        assertThat(slope.kind()).isEqualTo(Slope.Kind.SMOOTH);
        assertThat(slope.value()).isCloseTo(expected, within(1e-9 * (1 + Math.abs(expected))));
    }

    private static void none(Slope.Kind kind, DoubleUnaryOperator f) {
        Slope slope = Slope.at0(f, 1e-7, 1e-3, 0);
        assertThat(slope.kind()).isEqualTo(kind);
        assertThat(slope.value()).isNaN();
    }

    private static void kink(DoubleUnaryOperator f, double left, double right) {
        none(Slope.Kind.KINK, f);
        Slope slope = Slope.at0(f, 1e-7, 1e-3, 0);
        assertThat(slope.left()).isCloseTo(left, within(1e-6));
        assertThat(slope.right()).isCloseTo(right, within(1e-6));
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
    void aSmallValueGetsASmallStep() {
        smooth(t -> Math.log(1e-4 + t) * 1e-4, 1);
        smooth(t -> Math.sqrt(1e-5 + t), 0.5 / Math.sqrt(1e-5));
    }

    @Test
    void aNarrowBendIsNoKink() {
        for (double width = 0.5; width > 1e-6; width /= 1.7) {
            double w = width;
            // The valley's values are known to its rounding, a fraction of its width.
            Slope valley = Slope.at0(t -> Math.sqrt(t * t + w * w), 1e-7, 1e-3 * w, 1e-16 * w);
            assertThat(valley.kind()).as("width %s", w).isEqualTo(Slope.Kind.SMOOTH);
            assertThat(valley.value()).isCloseTo(0, within(1e-7));
            assertThat(valley.doubt()).isLessThan(1e-7);
            Slope edge = Slope.at0(
                    t -> Math.max(t, 0) + w * Math.log1p(Math.exp(-Math.abs(t) / w)), 1e-7, 1e-3 * w, 1e-16 * w);
            assertThat(edge.kind()).as("width %s", w).isEqualTo(Slope.Kind.SMOOTH);
            assertThat(edge.value()).isCloseTo(0.5, within(1e-6));
        }
    }

    /** As those of the Huber loss, of which steps on both sides of the place see different parts. */
    @Test
    void aJumpOfTheCurvatureNearbyIsNotMistakenForAgreement() {
        for (double distance = 0.01; distance > 1e-9; distance /= 1.02) {
            for (double curvature = 0.1; curvature < 10; curvature *= 1.3) {
                double d = distance;
                double c = curvature;
                Slope slope = Slope.at0(t -> 4 * t + c * Math.pow(Math.max(t - d, 0), 2), 1e-7, 1e-3, 1e-16);
                assertThat(slope.value()).as("%s at %s", c, d).isCloseTo(4, within(4 * 2e-7));
            }
        }
        smooth(t -> t * Math.abs(t), 0);
        smooth(t -> t * t * Math.abs(t), 0);
    }

    @Test
    void atAKinkThereIsNone() {
        kink(Math::abs, -1, 1);
        kink(t -> Math.max(t, 0), 0, 1);
        kink(t -> Math.max(t, 0) + 0.999 * Math.min(t, 0) + t * t, 0.999, 1);
        kink(t -> Math.abs(Math.sin(3 * t)) + t, -2, 4);
        kink(t -> Math.abs(t - 1e-14), -1, 1);
        kink(t -> Math.abs(t) + 100 * t * t, -1, 1);
        kink(t -> Math.abs(t) + Math.sin(200 * t), 199, 201);
        kink(t -> Math.abs(t) + 0.01 * Math.sqrt(t * t + 1e-4), -1, 1);
    }

    @Test
    void jumpsAndHolesAreNoKinks() {
        none(Slope.Kind.ROUGH, t -> t < 1e-9 ? 0 : 1);
        none(Slope.Kind.ROUGH, Math::cbrt);
        none(Slope.Kind.ROUGH, t -> t == 0 ? 1 : t);
        none(Slope.Kind.UNDEFINED, Math::sqrt);
        none(Slope.Kind.UNDEFINED, t -> Double.NaN);
        none(Slope.Kind.UNDEFINED, t -> t == 0 ? Double.NaN : t);
    }

    @Test
    void aStepThatIsLostInRoundingIsNotTaken() {
        DoubleUnaryOperator rounded = t -> t < -1e-4 ? 1 : 1 + 1e-9 * t + 1e6 - 1e6;
        assertThat(Slope.at0(rounded, 1e-7, 1e-3, 1e-10).kind()).isEqualTo(Slope.Kind.ROUGH);
        assertThat(Slope.at0(t -> 3 * t + 1e6, 1e-7, 1e-3, 1e-10).value()).isCloseTo(3, within(1e-6));
    }
}
