package dev.fluxion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Shape;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class NormalNumbersTest {
    private static final int COUNT = 40_000;

    private static double mean(double[] of, int power) {
        return Arrays.stream(of).map(x -> Math.pow(x, power)).sum() / COUNT;
    }

    @Test
    void whatAScopeDrawsIsNormalAndIndependent() {
        Scope scope = Scope.root(true);
        List<Expr> draws = List.of(
                scope.normal(Shape.of(COUNT)),
                scope.normal(Shape.of(COUNT)),
                scope.child("1").normal(Shape.of(COUNT)));
        List<double[]> drawn = draws.stream()
                .map(e -> new Interpreter().seed(3).evaluate(e).data())
                .toList();
        for (double[] each : drawn) {
            assertThat(mean(each, 1)).isCloseTo(0, within(0.02));
            assertThat(mean(each, 2)).isCloseTo(1, within(0.03));
            assertThat(mean(each, 3)).isCloseTo(0, within(0.06));
            assertThat(mean(each, 4)).isCloseTo(3, within(0.2));
            double[] other = drawn.get(each == drawn.get(0) ? 1 : 0);
            double[] products = new double[COUNT];
            Arrays.setAll(products, i -> each[i] * other[i]);
            assertThat(mean(products, 1)).isCloseTo(0, within(0.02));
        }
        double[] later =
                new Interpreter().seed(3).step(2).evaluate(draws.get(0)).data();
        assertThat(Arrays.equals(later, drawn.get(0))).isFalse();
    }

    @Test
    void aShapeIsNeeded() {
        assertThatThrownBy(() -> Scope.root(true).normal(null)).hasMessage("uniform: the shape must not be null");
    }
}
