package dev.fluxion.engine.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;

/** A sum of squares is never less than that of all numbers. */
class SquaresTest {
    private final FloatBuffer place = FloatBuffer.allocate(1);
    private final Squares squares = new Squares(place, 6);

    @Test
    void allNumbersAtOnceOrOneAfterTheOther() {
        assertThat(place.get(0)).isInfinite();
        squares.wrote(0, 6, 5);
        assertThat(place.get(0)).isEqualTo(5);
        squares.wrote(0, 2, 1);
        assertThat(place.get(0)).isInfinite();
        squares.wrote(2, 4, 2);
        assertThat(place.get(0)).isEqualTo(3);
    }

    @Test
    void someNumbersAgain() {
        squares.wrote(0, 6, 5);
        squares.wrote(2, 2, 1);
        assertThat(place.get(0)).isInfinite();
        squares.wrote(4, 2, 1);
        assertThat(place.get(0)).isInfinite();
    }

    @Test
    void repeatedRows() {
        squares.wrote(0, 2, 3);
        squares.repeated(2, 2);
        assertThat(place.get(0)).isEqualTo(9);
        squares.wrote(2, 2, 1);
        squares.repeated(4, 2);
        assertThat(place.get(0)).isInfinite();
    }

    @Test
    void numbersThatAreLost() {
        squares.wrote(0, 2, 3);
        squares.forget();
        assertThat(place.get(0)).isInfinite();
        squares.wrote(2, 4, 1);
        assertThat(place.get(0)).isInfinite();
        squares.wrote(0, 6, 5);
        squares.forget();
        assertThat(place.get(0)).isInfinite();
    }
}
