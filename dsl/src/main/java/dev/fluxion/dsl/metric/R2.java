package dev.fluxion.dsl.metric;

import dev.fluxion.ExactSum;
import dev.fluxion.Metric;
import dev.fluxion.Tally;
import dev.fluxion.Tensor;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * The coefficient of determination: 1 minus the squared errors over the squared distances of targets from their mean. Where
 * all targets are the same it is 1 if there are no errors, else 0; of fewer than two samples it is NaN.
 *
 * @param average how the values of several numbers of a sample become one: {@link Average#MACRO}, the mean of the values,
 *     or {@link Average#MICRO}, one value of all numbers; null for samples of a single number
 */
public record R2(@Nullable Average average) implements Metric {
    private static final int TARGETS = 0;
    private static final int SQUARES = 1;
    private static final int ERRORS = 2;
    private static final int SUMS = 3;

    /** Checks the average. */
    public R2 {
        if (average != null && average != Average.MACRO && average != Average.MICRO) {
            throw new IllegalArgumentException(Errors.average("r2", average, "MICRO or MACRO"));
        }
    }

    @Override
    public String name() {
        return average == null ? "r2" : average.name("r2");
    }

    @Override
    public Tally start() {
        return new Sums(this, this::read, R2::value);
    }

    private void read(Tensor output, Tensor target, Sums to) {
        Pairs pairs = Pairs.of(name(), output, target);
        int columns = average == Average.MICRO ? 1 : pairs.columns();
        if (average == null && columns > 1) {
            throw new IllegalArgumentException(Errors.severalOutputs(pairs.shape()));
        }
        for (int i = 0; i < pairs.count(); i++) {
            int column = i % columns * SUMS;
            double y = pairs.target(i);
            double error = pairs.output(i) - y;
            to.add(column + TARGETS, y);
            to.add(column + SQUARES, y * y);
            to.add(column + ERRORS, error * error);
        }
    }

    private static double value(Sums sums) {
        return Averages.of(Average.MACRO, sums.size() / SUMS, c -> value(sums, c * SUMS), c -> 1);
    }

    /** The squares of float32 numbers are exact and so are their sums: nothing is lost where targets are far from 0. */
    private static double value(Sums sums, int column) {
        if (sums.count(column + TARGETS) < 2) {
            return Double.NaN;
        }
        ExactSum weight = sums.weight(column + TARGETS);
        BigDecimal total = sums.sum(column + TARGETS).exact();
        double spread = sums.sum(column + SQUARES)
                        .exact()
                        .multiply(weight.exact())
                        .subtract(total.multiply(total))
                        .doubleValue()
                / weight.value();
        double errors = sums.sum(column + ERRORS).value();
        if (spread == 0) {
            return errors == 0 ? 1 : 0;
        }
        return 1 - errors / spread;
    }
}
