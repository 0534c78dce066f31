package dev.fluxion.dsl.optim;

import dev.fluxion.Schedule;
import dev.fluxion.dsl.internal.Chart;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Given;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Collectors;

/**
 * Learning rates over the epochs, or over the steps, as factors of the optimizer's own rate. Schedules count from 0, as those
 * of PyTorch and Keras do; progress lines and messages count from 1. {@link Schedule#bySteps} makes one count steps; {@link
 * Schedule#then} and {@link Schedule#times} compose them.
 */
public final class Schedules {
    private static final Schedule CONSTANT = new Formula("constant()", i -> 1);

    private Schedules() {}

    /** 1 throughout. */
    public static Schedule constant() {
        return CONSTANT;
    }

    /** A factor for so many epochs or steps, then 1. */
    public static Schedule constant(double factor, int count) {
        Numbers.requireNotNegative("constant", "the factor", factor);
        Numbers.requireAtLeast("constant", "the count", 1, count);
        return new Formula(Text.call("constant", factor, count), i -> i < count ? factor : 1);
    }

    /** Any function of the index. Mind that {@code e -> e / 2} divides integers: 0, 0, 1, 1, 2 …. */
    public static Schedule lambda(IntToDoubleFunction factor) {
        return new Formula("lambda(…)", Given.require("lambda", "the factor", factor));
    }

    /** The product of a function's values at 1 to the index. */
    public static Schedule multiplicative(IntToDoubleFunction factor) {
        IntToDoubleFunction given = Given.require("multiplicative", "the factor", factor);
        Product product = new Product(i -> given.applyAsDouble((int) i));
        return new Formula("multiplicative(…)", product::upTo);
    }

    /** Multiplies the rate by γ after every {@code every} epochs or steps: γ^⌊i/every⌋. */
    public static Schedule step(int every, double gamma) {
        Numbers.requireAtLeast("step", "every", 1, every);
        Numbers.requireNotNegative("step", "gamma", gamma);
        return new Formula(Text.call("step", every, gamma), i -> Math.pow(gamma, Math.floorDiv(i, every)));
    }

    /** Multiplies the rate by γ at each of some indices. */
    public static Schedule multiStep(double gamma, int... milestones) {
        Numbers.requireNotNegative("multiStep", "gamma", gamma);
        int[] sorted = Given.require("multiStep", "the milestones", milestones).clone();
        Arrays.sort(sorted);
        for (int milestone : sorted) {
            Numbers.requireAtLeast("multiStep", "a milestone", 0, milestone);
        }
        String list = Arrays.stream(milestones).mapToObj(m -> ", " + m).collect(Collectors.joining());
        return new Formula(
                "multiStep(" + Text.number(gamma) + list + ")",
                i -> Math.pow(gamma, (double)
                        Arrays.stream(sorted).filter(m -> m <= i).count()));
    }

    /** γ to the power of the index. */
    public static Schedule exponential(double gamma) {
        Numbers.requireNotNegative("exponential", "gamma", gamma);
        return new Formula(Text.call("exponential", gamma), i -> Math.pow(gamma, i));
    }

    /** From one factor to another one along a line over so many epochs or steps, then the latter. */
    public static Schedule linear(double from, double to, int count) {
        Numbers.requireNotNegative("linear", "the first factor", from);
        Numbers.requireNotNegative("linear", "the last factor", to);
        Numbers.requireAtLeast("linear", "the count", 1, count);
        return new Formula(Text.call("linear", from, to, count), i -> from + (to - from) * Math.min(i, count) / count);
    }

    /** (1 − i/count) to a power, 0 from {@code count} on. */
    public static Schedule polynomial(int count, double power) {
        Numbers.requireAtLeast("polynomial", "the count", 1, count);
        Numbers.requirePositive("polynomial", "the power", power);
        return new Formula(
                Text.call("polynomial", count, power), i -> Math.pow(1 - (double) Math.min(i, count) / count, power));
    }

    /** From 1 to 0 along half a cosine over so many epochs or steps, then 0 (Loshchilov and Hutter, "SGDR", 2017). */
    public static Schedule cosine(int count) {
        return cosine(count, 0);
    }

    /** From 1 to {@code least} along half a cosine over so many epochs or steps, then {@code least}. */
    public static Schedule cosine(int count, double least) {
        Numbers.requireAtLeast("cosine", "the count", 1, count);
        Numbers.requireNotNegative("cosine", "least", least);
        return new Formula(
                least == 0 ? Text.call("cosine", count) : Text.call("cosine", count, least),
                i -> halfCosine(1, least, (double) Math.min(i, count) / count));
    }

    /**
     * From 1 to {@code least} along half a cosine, again and again (Loshchilov and Hutter, "SGDR", 2017).
     *
     * @param first how many epochs or steps the first one takes
     * @param factor how many times as many each one takes as the one before it, at least 1
     * @param least the factor at the end of each
     */
    public static Schedule cosineRestarts(int first, int factor, double least) {
        Numbers.requireAtLeast("cosineRestarts", "the first count", 1, first);
        Numbers.requireAtLeast("cosineRestarts", "the factor", 1, factor);
        Numbers.requireNotNegative("cosineRestarts", "least", least);
        return new Formula(Text.call("cosineRestarts", first, factor, least), i -> {
            long length = first;
            long start = factor == 1 ? i - i % first : 0;
            while (i - start >= length) {
                start += length;
                length *= factor;
            }
            return halfCosine(1, least, (double) (i - start) / length);
        });
    }

    /** From 1/count to 1 along a line over so many epochs or steps, then 1. */
    public static Schedule warmUp(int count) {
        return warmUp(count, constant());
    }

    /**
     * From 1/count to 1 along a line over so many epochs or steps, times the first factor of {@code then}; after them {@code
     * then} from its index 0.
     */
    public static Schedule warmUp(int count, Schedule then) {
        Numbers.requireAtLeast("warmUp", "the count", 1, count);
        Given.require("warmUp", "what follows", then);
        Schedule rise = new Formula(Text.call("warmUp", count), i -> (i + 1.0) / count * then.factor(0));
        return (then.unit() == Schedule.Unit.STEP ? rise.bySteps() : rise).then(count, then);
    }

    /**
     * One cycle over all steps of a training: from 1/25 up to 1 within the first 30 % of them, and down to 1/250,000 (Smith and
     * Topin, "Super-convergence", 2018). It counts steps.
     */
    public static OneCycle oneCycle(int steps) {
        return new OneCycle(steps, 0.3, 25, 1e4, false, false);
    }

    /**
     * Up from {@code least} to 1 along a line in so many steps, and down in as many, again and again (Smith, "Cyclical learning
     * rates for training neural networks", 2017). It counts steps.
     */
    public static Cyclic cyclic(double least, int steps) {
        return new Cyclic(least, steps, steps, false, 1);
    }

    /** Lowers the rate to a tenth where a value, such as {@code loss}, has not become smaller for more than ten epochs. */
    public static Plateau plateau(String value) {
        return new Plateau(value, false, 0.1, 10, 1e-4, true, 0, 0, Plateau.Seen.NOTHING);
    }

    /**
     * Draws the factors of the first epochs or steps as an SVG file, which any browser can show.
     *
     * @throws IOException if the file cannot be written, as where its folder does not exist
     */
    public static void plot(Schedule schedule, int count, Path file) throws IOException {
        Given.require("plot", "the schedule", schedule);
        Numbers.requireAtLeast("plot", "the count", 1, count);
        Given.require("plot", "the file", file);
        float[] factors = new float[count];
        for (int i = 0; i < count; i++) {
            factors[i] = (float) schedule.factor(i);
        }
        String across = schedule.unit() == Schedule.Unit.STEP ? "step" : "epoch";
        Chart.Line line = Chart.Line.counted(Text.of(schedule), "#c0392b", 2.2, factors);
        new Chart(
                        "Learning rate by " + across,
                        Chart.Axis.counted(across),
                        "factor",
                        Chart.Marks.epochs(),
                        List.of(line))
                .save(file);
    }

    /** From one number to another one along half a cosine, as far as a part of the way. */
    static double halfCosine(double from, double to, double part) {
        return to + (from - to) * (1 + Math.cos(Math.PI * part)) / 2;
    }
}
