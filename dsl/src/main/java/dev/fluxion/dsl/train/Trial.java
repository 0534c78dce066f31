package dev.fluxion.dsl.train;

import dev.fluxion.data.DataLoader;
import dev.fluxion.data.Sampler;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.lint.Check;
import dev.fluxion.ir.Given;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * A training on few batches that is to find what is wrong with a program.
 *
 * @param kind what it tries
 * @param batches how many batches of the data it uses
 */
public record Trial(Kind kind, int batches) {
    /** No trial: all there is. */
    static final Trial NONE = new Trial(Kind.NONE, Integer.MAX_VALUE);

    /** What a trial tries. */
    public enum Kind {
        /** Nothing; this is no trial. */
        NONE,
        /** Whether everything runs: {@link Trainer#fastDevRun(int)}. */
        FAST_DEV_RUN,
        /** Whether the network can learn: {@link Trainer#overfit(int)}. */
        OVERFIT
    }

    /** Checks that there is something to do. */
    public Trial {
        Given.require("Trial", "the kind", kind);
        Numbers.requireAtLeast("Trial", "the number of batches", 1, batches);
    }

    /** The data that this uses of some. */
    DataLoader of(DataLoader all) {
        return switch (kind) {
            case NONE -> all;
            case FAST_DEV_RUN -> all.order(new First(all.order(), samples(all), false));
            case OVERFIT ->
                all.order(new First(all.order(), samples(all), true)).augment(all.seed());
        };
    }

    private int samples(DataLoader all) {
        return (int) Math.min((long) batches * all.batch(), all.samples());
    }

    /** How this trains on some data. */
    Trainer of(Trainer how, DataLoader data) {
        return switch (kind) {
            case NONE -> how;
            case FAST_DEV_RUN ->
                how.with(draft -> {
                    draft.limits = new Trainer.Limits(
                            1, how.limits().steps(), how.limits().time(), this);
                    draft.evaluations = evaluations(how.evaluations(), set -> of(set.data()));
                    draft.listeners = how.listeners().stream()
                            .filter(listener -> !listener.keepsRecord())
                            .toList();
                    draft.start = null;
                    draft.from = 0;
                    draft.checkpoints = null;
                    draft.stopping = null;
                });
            case OVERFIT ->
                how.with(draft -> {
                    draft.evaluations = evaluations(how.evaluations(), set -> of(data));
                    draft.lint = how.lint().without(Check.OVERLAP, Check.UNSHUFFLED, Check.ONE_CLASS);
                });
        };
    }

    /** The same evaluations of other data. */
    private static Evaluations evaluations(Evaluations all, Function<EvaluationSet, DataLoader> data) {
        List<EvaluationSet> sets = all.sets().stream()
                .map(set -> new EvaluationSet(set.name(), data.apply(set), set.metrics()))
                .toList();
        return new Evaluations(sets, all.every(), all.averaged());
    }

    /** The first samples of an order, or of its first epoch in every epoch. */
    private record First(Sampler all, int most, boolean same) implements Sampler {
        @Override
        public int count(int samples) {
            return Math.min(most, all.count(samples));
        }

        @Override
        public int[] order(int samples, int batch, int epoch) {
            return Arrays.copyOf(all.order(samples, batch, same ? 0 : epoch), count(samples));
        }

        @Override
        public String toString() {
            return "the first " + most + (same ? ", the same in each epoch" : "");
        }
    }
}
