package dev.fluxion.dsl.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Initializer;
import dev.fluxion.dsl.Factories;
import dev.fluxion.ir.Shape;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class InitializersTest {
    /** 40×12×3×3: fan in 108, fan out 360. */
    private static final Shape WEIGHT = Shape.of(40, 12, 3, 3);

    /** An initializer, the factory that makes it, and the range and deviation of what it draws; an infinite range is not checked. */
    private record Row(String factory, Initializer initializer, double least, double most, double deviation) {
        static Row uniform(String factory, Initializer initializer, double bound) {
            return new Row(factory, initializer, -bound, bound, bound / Math.sqrt(3));
        }

        static Row normal(String factory, Initializer initializer, double deviation) {
            return new Row(factory, initializer, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, deviation);
        }

        static Row constant(String factory, Initializer initializer, double value) {
            return new Row(factory, initializer, value, value, Math.abs(value));
        }
    }

    static Stream<Row> rows() {
        return Stream.of(
                Row.uniform("fanIn()", Initializers.fanIn(), 1 / Math.sqrt(108)),
                Row.uniform("xavierUniform()", Initializers.xavierUniform(), Math.sqrt(6.0 / 468)),
                Row.uniform("kaimingUniform()", Initializers.kaimingUniform(), Math.sqrt(6.0 / 108)),
                Row.uniform("uniform(double, double)", Initializers.uniform(-0.5, 0.5), 0.5),
                Row.normal("xavierNormal()", Initializers.xavierNormal(), Math.sqrt(2.0 / 468)),
                Row.normal("kaimingNormal()", Initializers.kaimingNormal(), Math.sqrt(2.0 / 108)),
                Row.normal("normal(double, double)", Initializers.normal(0, 2), 2),
                Row.constant("zeros()", Initializers.zeros(), 0),
                Row.constant("ones()", Initializers.ones(), 1),
                Row.constant("constant(double)", Initializers.constant(0.5), 0.5));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void drawWhatTheySay(Row row) {
        float[] values = fill(row.initializer, WEIGHT);
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        double squares = 0;
        for (float x : values) {
            least = Math.min(least, x);
            most = Math.max(most, x);
            squares += (double) x * x;
        }
        if (Double.isFinite(row.least)) {
            double room = (row.most - row.least) * 0.01;
            assertThat(least).isBetween((double) (float) row.least, row.least + room);
            assertThat(most).isBetween(row.most - room, (double) (float) row.most);
        }
        double deviation = Math.sqrt(squares / values.length);
        assertThat(deviation).isCloseTo(row.deviation, within(row.deviation * 0.05));
    }

    @Test
    void everyInitializerHasARow() {
        Factories.requireRows(Initializers.class, rows().map(Row::factory).toList());
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

    private static float[] fill(Initializer initializer, Shape shape) {
        float[] values = new float[shape.size()];
        initializer.fill(values, shape, new Random(9));
        return values;
    }
}
