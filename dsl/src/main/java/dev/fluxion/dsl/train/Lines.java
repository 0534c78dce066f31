package dev.fluxion.dsl.train;

import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/** Writes a line for some iterations, for each epoch and each evaluation. */
final class Lines implements TrainingListener {
    private final Predicate<Iteration> due;
    private final Consumer<String> out;

    Lines(Predicate<Iteration> due, Consumer<String> out) {
        this.due = due;
        this.out = out;
    }

    /** The iterations that come at least so long after the last one that was told, or after this. */
    static Predicate<Iteration> atMostEvery(Duration time, LongSupplier nanos) {
        long[] last = {nanos.getAsLong()};
        return iteration -> {
            long now = nanos.getAsLong();
            if (now - last[0] < time.toNanos()) {
                return false;
            }
            last[0] = now;
            return true;
        };
    }

    @Override
    public void iteration(Iteration iteration) {
        if (due.test(iteration)) {
            out.accept(iteration.toString());
        }
    }

    @Override
    public void evaluated(Evaluated evaluated) {
        out.accept(evaluated.toString());
    }

    @Override
    public void epoch(Epoch epoch) {
        out.accept(epoch.toString());
    }

    /** With four decimals, or with an exponent if they would all be 0. */
    static String number(double x) {
        return String.format(Locale.ROOT, x != 0 && Math.abs(x) < 1e-4 ? "%.4e" : "%.4f", x);
    }

    static String rate(double learningRate) {
        return new BigDecimal(learningRate, new MathContext(4))
                .stripTrailingZeros()
                .toPlainString();
    }
}
