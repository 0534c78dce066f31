package dev.fluxion.dsl.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Initializer;
import dev.fluxion.ir.Shape;
import java.util.Random;
import org.junit.jupiter.api.Test;

class InitializersTest {
    /** 40×12×3×3: fan in 108, fan out 360. */
    private static final Shape WEIGHT = Shape.of(40, 12, 3, 3);

    @Test
    void uniformOnesHaveTheirBounds() {
        assertUniform(Initializers.fanIn(), 1 / Math.sqrt(108));
        assertUniform(Initializers.xavierUniform(), Math.sqrt(6.0 / 468));
        assertUniform(Initializers.kaimingUniform(), Math.sqrt(6.0 / 108));
        assertUniform(Initializers.uniform(-0.5, 0.5), 0.5);
    }

    @Test
    void normalOnesHaveTheirDeviations() {
        assertThat(deviation(Initializers.xavierNormal())).isCloseTo(Math.sqrt(2.0 / 468), within(0.003));
        assertThat(deviation(Initializers.kaimingNormal())).isCloseTo(Math.sqrt(2.0 / 108), within(0.006));
        assertThat(deviation(Initializers.normal(0, 2))).isCloseTo(2, within(0.1));
    }

    @Test
    void constantsAreConstant() {
        assertThat(fill(Initializers.zeros(), Shape.of(3))).containsExactly(0, 0, 0);
        assertThat(fill(Initializers.ones(), Shape.of(2))).containsExactly(1, 1);
        assertThat(fill(Initializers.constant(0.5), Shape.of(2))).containsExactly(0.5f, 0.5f);
    }

    @Test
    void whatCannotBeIsRefused() {
        assertThatThrownBy(() -> fill(Initializers.xavierNormal(), Shape.of(5)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("fan in and fan out are of weights out×in×… but the shape is 5");
        assertThatThrownBy(() -> Initializers.uniform(1, 0))
                .hasMessage("uniform(1, 0): the range must be finite and not reversed");
        assertThatThrownBy(() -> Initializers.normal(0, -1))
                .hasMessage("normal(0, -1): the deviation must be finite and at least 0 but is -1");
    }

    private static void assertUniform(Initializer initializer, double bound) {
        double largest = 0;
        for (float x : fill(initializer, WEIGHT)) {
            largest = Math.max(largest, Math.abs(x));
        }
        assertThat(largest).isLessThanOrEqualTo((float) bound).isGreaterThan(bound * 0.99);
        assertThat(deviation(initializer)).isCloseTo(bound / Math.sqrt(3), within(bound * 0.03));
    }

    private static double deviation(Initializer initializer) {
        double sum = 0;
        float[] values = fill(initializer, WEIGHT);
        for (float x : values) {
            sum += (double) x * x;
        }
        return Math.sqrt(sum / values.length);
    }

    private static float[] fill(Initializer initializer, Shape shape) {
        float[] values = new float[shape.size()];
        initializer.fill(values, shape, new Random(9));
        return values;
    }
}
