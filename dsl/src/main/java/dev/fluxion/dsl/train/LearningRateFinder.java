package dev.fluxion.dsl.train;

import dev.fluxion.data.Batch;
import dev.fluxion.data.DataLoader;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.ValueException;
import java.util.Iterator;

/**
 * Finds a learning rate (Smith 2017, the range test): {@code LearningRateFinder.of(trainer).run(model, train).suggestion()}. It
 * trains a copy of the model while the learning rate grows step by step, and stops when the loss goes up for good. The model
 * itself is never touched.
 *
 * @param trainer what is tried: its loss, its optimizer, and which parameters it trains
 * @param from the first learning rate
 * @param to the last one
 * @param steps how many there are
 */
public record LearningRateFinder(Trainer trainer, double from, double to, int steps) {
    private static final String FINDER = "LearningRateFinder";
    private static final double MEMORY = 0.9;
    private static final double LOST = 3;

    /** Checks the numbers. */
    public LearningRateFinder {
        Given.require(FINDER, "the trainer", trainer);
        Numbers.requirePositive(FINDER, "the first learning rate", from);
        Numbers.requirePositive(FINDER, "the last learning rate", to);
        Numbers.require(to > from, FINDER, "the last learning rate", "above the first, " + from + ",", to);
        Numbers.requireAtLeast(FINDER, "steps", 10, steps);
    }

    /** 100 learning rates from 10⁻⁷ to 10. */
    public static LearningRateFinder of(Trainer trainer) {
        return new LearningRateFinder(trainer, 1e-7, 10, 100);
    }

    /** This, beginning with another learning rate. */
    public LearningRateFinder from(double rate) {
        return new LearningRateFinder(trainer, rate, to, steps);
    }

    /** This, ending with another learning rate. */
    public LearningRateFinder to(double rate) {
        return new LearningRateFinder(trainer, from, rate, steps);
    }

    /** This with another number of learning rates, at least 10. */
    public LearningRateFinder steps(int count) {
        return new LearningRateFinder(trainer, from, to, count);
    }

    /**
     * Tries the learning rates, each for one update, on one epoch of the data after the other.
     *
     * @return the losses
     * @throws IllegalArgumentException if the model or the data are null or do not fit each other
     * @throws ValueException if an input or the loss is not finite at the first learning rate
     */
    public RateCurve run(Model model, DataLoader data) {
        Given.require(FINDER, "the model", model);
        Given.require(FINDER, "the data", data);
        RateCurve curve = new RateCurve(from, to, steps);
        try (Model copy = model.copy();
                Training training = trainer.trained()
                        .apply(copy.training(trainer.loss(), trainer.optimizer()))
                        .lint(trainer.lint())) {
            Iterator<Batch> batches = data.epoch(0).iterator();
            double mean = 0;
            double best = Double.POSITIVE_INFINITY;
            for (int step = 0, epoch = 0; step < steps; step++) {
                training.learningRate(curve.rate(step));
                double sum = 0;
                int count = 0;
                while (training.steps() == step) {
                    if (!batches.hasNext()) {
                        batches = data.epoch(++epoch).iterator();
                    }
                    sum += trainer.learn(training, batches.next());
                    count++;
                    if (count > Math.max(data.batches(), trainer.optimizer().batches()) && training.steps() == step) {
                        throw new IllegalStateException(Errors.stepWithoutUpdate(count));
                    }
                }
                curve.add(sum / count);
                mean = MEMORY * mean + (1 - MEMORY) * sum / count;
                double smooth = mean / (1 - Math.pow(MEMORY, step + 1));
                if (best > 0 && smooth > LOST * best) {
                    break;
                }
                best = Math.min(best, smooth);
            }
        } catch (ValueException e) {
            if (curve.isEmpty()) {
                throw e;
            }
        }
        return curve;
    }
}
