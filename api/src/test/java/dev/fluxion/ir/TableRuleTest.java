package dev.fluxion.ir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Layers that use them are compared with PyTorch. */
class TableRuleTest {
    private static Leaf.Table table(TableRule rule, double scale, Integer... numbers) {
        return new Leaf.Table(rule, List.of(numbers), scale, 1, 3);
    }

    @Test
    void placesAndWeightsAreThoseOfTheRule() {
        assertThat(places(TableRule.REFLECTED, 0, 4, 2, 1)).containsExactly(2, 1, 0, 1, 2, 3, 2);
        assertThat(places(TableRule.WRAPPED, 0, 4, 2, 1)).containsExactly(2, 3, 0, 1, 2, 3, 0);
        assertThat(places(TableRule.REPEATED, 0, 4, 2, 1)).containsExactly(0, 0, 0, 1, 2, 3, 3);
        assertThat(places(TableRule.WINDOWS, 0, 3, 1, 2, 2)).containsExactly(0, 2, 4, 1, 3, 5);
        assertThat(places(TableRule.NEAREST, 1.5, 4, 6)).containsExactly(0, 0, 1, 2, 2, 3);
        assertThat(places(TableRule.LINEAR_PLACES, 2, 2, 4, 1)).containsExactly(1, 1, 1, 1);
        assertThat(table(TableRule.LINEAR_WEIGHTS, 2, 2, 4, 1).values().floats())
                .containsExactly(0, 0.25f, 0.75f, 0.25f);
    }

    private static int[] places(TableRule rule, double scale, Integer... numbers) {
        return table(rule, scale, numbers).values().ints();
    }

    @Test
    void theyLieAlongAnAxis() {
        Expr table = new Expr(table(TableRule.REPEATED, 0, 2, 0, 1), List.of());
        assertThat(table.shape()).isEqualTo(Shape.of(1, 3, 1));
        assertThat(new Interpreter().evaluate(table).data()).containsExactly(0, 1, 1);
    }

    @ParameterizedTest
    @CsvSource({"0, 2, 0", "-1, 2, 0", "2, 5, 2", "2, 4, -1", "2, 4, NaN", "10000000, 20000000, 2", "2, -1, 0"})
    void whatNoAxisHasIsRefused(int from, int to, double scale) {
        assertThatThrownBy(() -> table(TableRule.NEAREST, scale, from, to))
                .isInstanceOf(ShapeException.class)
                .hasMessageStartingWith("there is no table NEAREST of [" + from + ", " + to + "]");
        assertThatThrownBy(() -> table(TableRule.NEAREST, 0, 2)).hasMessageContaining("[2]");
        assertThatThrownBy(() -> table(TableRule.REFLECTED, 0, 2, 2, 0)).hasMessageContaining("[2, 2, 0]");
        assertThatThrownBy(() -> table(TableRule.WRAPPED, 0, 2, 0, 3)).hasMessageContaining("[2, 0, 3]");
        assertThatThrownBy(() -> table(TableRule.LINEAR_WEIGHTS, 0, 3, 6, 2)).hasMessageContaining("[3, 6, 2]");
        assertThatThrownBy(() -> table(TableRule.CUBIC_PLACES, 0, 3, 6, -1)).hasMessageContaining("[3, 6, -1]");
        assertThatThrownBy(() -> table(TableRule.WINDOWS, 0, 2, -5, 1, 2)).hasMessageContaining("[2, -5, 1, 2]");
        assertThatThrownBy(() -> table(TableRule.WINDOWS, 0, 2, 2_000_000_000, 2_000_000_000, 2))
                .hasMessageContaining("WINDOWS");
    }
}
