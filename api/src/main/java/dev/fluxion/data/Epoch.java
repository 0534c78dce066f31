package dev.fluxion.data;

import dev.fluxion.ir.Given;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The batches of an epoch, each of which can be made by itself, in any thread. */
final class Epoch {
    private final DataLoader loader;
    private final int number;
    private final int[] order;
    /** How often each sample came before. */
    private final int[] times;

    Epoch(DataLoader loader, int number) {
        this.loader = loader;
        this.number = number;
        int samples = loader.dataset().size();
        int count = loader.order().count(samples);
        this.order = Given.require(
                "DataLoader", "what the order gives", loader.order().order(samples, loader.batch(), number));
        if (order.length != count) {
            throw new IllegalArgumentException(Errors.otherOrder(count, order.length));
        }
        this.times = new int[count];
        Map<Integer, Integer> before = new HashMap<>();
        boolean repeats = Arrays.stream(order).distinct().count() < count;
        for (int i = 0; i < count; i++) {
            if (order[i] < 0 || order[i] >= samples) {
                throw new IllegalArgumentException(Errors.noSample(order[i], samples));
            }
            times[i] = repeats ? before.merge(order[i], 1, Integer::sum) - 1 : 0;
        }
    }

    /** The number of batches. */
    int size() {
        return loader.batches();
    }

    /** How many batches are read in the background. */
    int prefetch() {
        return loader.prefetch();
    }

    /** A batch by its number. */
    Batch batch(int index) {
        int from = index * loader.batch();
        int to = Math.min(from + loader.batch(), order.length);
        Batch made = read(Arrays.copyOfRange(order, from, to));
        if (made.size() != to - from) {
            throw new IllegalStateException(Errors.otherCount(to - from, made.size()));
        }
        for (int step = 0; step < loader.augmentations().size(); step++) {
            made = augmented(made, loader.augmentations().get(step), from, step);
        }
        return made;
    }

    private Batch read(int[] samples) {
        try {
            return Given.require(
                    "DataLoader", "what the data set gives", loader.dataset().batch(samples));
        } catch (SampleException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new SampleException(failing(samples), e);
        }
    }

    /** The names of the samples, or that of the one that fails alone, too. */
    private String failing(int[] samples) {
        for (int sample : samples) {
            try {
                loader.dataset().batch(sample);
            } catch (RuntimeException e) {
                return loader.dataset().name(sample);
            }
        }
        return loader.dataset().name(samples[0]) + " or one of the " + (samples.length - 1) + " after it";
    }

    private Batch augmented(Batch batch, Augmentation how, int from, int step) {
        List<Rng> draws = new ArrayList<>(batch.size());
        Rng epoch = new Rng(loader.seed(), number);
        for (int i = 0; i < batch.size(); i++) {
            draws.add(epoch.part(order[from + i]).part(times[from + i]).part(step));
        }
        Batch changed = Given.require("augment", "what " + Errors.text(how) + " gives", how.apply(batch, draws));
        if (changed.size() != batch.size()) {
            throw new IllegalStateException(Errors.augmentedCount(how, batch.size(), changed.size()));
        }
        return changed;
    }
}
