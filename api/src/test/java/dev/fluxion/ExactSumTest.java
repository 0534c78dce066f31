package dev.fluxion;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A sum is rounded once, whatever the order. */
class ExactSumTest {
    @Test
    void nothingIsLost() {
        assertThat(sum(1e16, 1, -1e16)).isEqualTo(1);
        assertThat(sum(1e308, 1e308, -1e308)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(sum(0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1)).isEqualTo(1);
        assertThat(sum()).isZero();
    }

    @Test
    void whatIsNotFiniteStaysSo() {
        double infinity = Double.POSITIVE_INFINITY;
        assertThat(sum(1, infinity)).isEqualTo(infinity);
        assertThat(sum(-infinity, 1)).isEqualTo(-infinity);
        assertThat(sum(infinity, 1, -infinity)).isNaN();
        assertThat(sum(Double.NaN, infinity, 1)).isNaN();
    }

    @Test
    void noOrderAndNoPartsChangeABit() {
        Random random = new Random(1);
        List<Double> numbers = new ArrayList<>();
        BigDecimal exact = BigDecimal.ZERO;
        for (int i = 0; i < 500; i++) {
            double x = random.nextGaussian() * Math.pow(2, random.nextInt(200) - 100);
            numbers.add(x);
            exact = exact.add(new BigDecimal(x));
        }
        for (int run = 0; run < 20; run++) {
            Collections.shuffle(numbers, random);
            int cut = random.nextInt(numbers.size());
            ExactSum whole = of(numbers.subList(0, cut));
            whole.add(of(numbers.subList(cut, numbers.size())));
            assertThat(whole.exact()).isEqualByComparingTo(exact);
            assertThat(whole.value()).isEqualTo(exact.doubleValue());
        }
        ExactSum twice = of(numbers);
        twice.add(twice);
        assertThat(twice.value()).isEqualTo(2 * exact.doubleValue());
    }

    private static ExactSum of(List<Double> numbers) {
        ExactSum sum = new ExactSum();
        numbers.forEach(sum::add);
        return sum;
    }

    private static double sum(double... numbers) {
        ExactSum sum = new ExactSum();
        for (double x : numbers) {
            sum.add(x);
        }
        return sum.value();
    }
}
