package dev.fluxion.dsl.metric;

import dev.fluxion.Metric;
import dev.fluxion.Tally;
import dev.fluxion.Tensor;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.ir.Given;

/**
 * A mean of errors over all elements; targets are floats of the outputs' shape.
 *
 * @param kind the kind of error
 * @param least what {@link Kind#RELATIVE} divides by where a target is smaller, or 0 to refuse targets of 0
 */
public record Regression(Kind kind, double least) implements Metric {
    /** Checks that there is an error, and that the least divisor is not negative. */
    public Regression {
        Given.require("regression", "the kind of error", kind);
        Numbers.requireNotNegative(kind.text, "least", least);
    }

    /** The error of an element. */
    public enum Kind {
        /** |output − target|. */
        ABSOLUTE("mae"),
        /** |output − target| over |target|. */
        RELATIVE("mape"),
        /** (output − target)²; the metric is the square root of the mean. */
        SQUARED("rmse");

        private final String text;

        Kind(String text) {
            this.text = text;
        }
    }

    /** This metric, which divides by a number where a target is smaller; without it a target of 0 is refused. */
    public Regression least(double divisor) {
        return new Regression(kind, divisor);
    }

    @Override
    public String name() {
        return kind.text;
    }

    @Override
    public Tally start() {
        return new Sums(this, this::read, all -> kind == Kind.SQUARED ? Math.sqrt(all.mean(0)) : all.mean(0));
    }

    private void read(Tensor output, Tensor target, Sums to) {
        Pairs pairs = Pairs.of(name(), output, target);
        for (int i = 0; i < pairs.count(); i++) {
            double difference = Math.abs(pairs.output(i) - pairs.target(i));
            to.add(
                    0,
                    switch (kind) {
                        case ABSOLUTE -> difference;
                        case RELATIVE -> difference / divisor(pairs, i);
                        case SQUARED -> difference * difference;
                    });
        }
    }

    private double divisor(Pairs pairs, int element) {
        double size = Math.max(Math.abs(pairs.target(element)), least);
        if (size == 0) {
            throw new IllegalArgumentException(Errors.zeroTarget(name(), pairs.shape(), element));
        }
        return size;
    }
}
