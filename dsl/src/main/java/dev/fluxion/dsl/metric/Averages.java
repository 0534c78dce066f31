package dev.fluxion.dsl.metric;

import dev.fluxion.ExactSum;
import dev.fluxion.Tally;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntToDoubleFunction;

/** Averages over classes that have a value. */
final class Averages {
    private Averages() {}

    /**
     * The mean of the values that are not NaN.
     *
     * @param weight the weight of each class in a weighted mean
     */
    static double of(Average average, int classes, IntToDoubleFunction value, IntToDoubleFunction weight) {
        ExactSum sum = new ExactSum();
        ExactSum weights = new ExactSum();
        for (int c = 0; c < classes; c++) {
            double x = value.applyAsDouble(c);
            if (!Double.isNaN(x)) {
                double w = average == Average.WEIGHTED ? weight.applyAsDouble(c) : 1;
                sum.add(w * x);
                weights.add(w);
            }
        }
        return sum.value() / weights.value();
    }

    /** The value of each class where that is what is asked for, else that of the tally. */
    static Map<String, Double> values(
            Average average, String name, int classes, IntToDoubleFunction value, Tally tally) {
        Map<String, Double> values = new LinkedHashMap<>();
        if (average == Average.PER_CLASS) {
            for (int c = 0; c < classes; c++) {
                values.put(name + "[" + c + "]", value.applyAsDouble(c));
            }
        } else {
            values.put(name, tally.value());
        }
        return values;
    }
}
