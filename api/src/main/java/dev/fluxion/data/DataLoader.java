package dev.fluxion.data;

import dev.fluxion.ir.Given;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/**
 * Iterates over a data set in batches: {@code DataLoader.of(mnist).batch(64).shuffle(seed).dropLast(true)}.
 *
 * @param dataset the samples
 * @param batch the number of samples in a batch, 1 at first; the last batch of an epoch may hold fewer
 * @param shuffle the seed of the order in which samples come, or empty (at first) for the order of the data set
 * @param dropLast whether a last batch of fewer samples is left out, at first not
 */
public record DataLoader(Dataset dataset, int batch, OptionalLong shuffle, boolean dropLast) {
    /**
     * Checks that an epoch has at least one batch.
     *
     * @throws IllegalArgumentException if there is no data set, {@code batch} is less than 1, the data set is empty, or with {@code dropLast}
     *     holds fewer samples than a batch takes
     */
    public DataLoader {
        Given.require("DataLoader", "the data set", dataset);
        Given.require("DataLoader", "the seed of the order, or that it is empty,", shuffle);
        if (batch < 1) {
            throw new IllegalArgumentException(Errors.batchTooSmall(batch));
        }
        if (dataset.size() < 1) {
            throw new IllegalArgumentException(Errors.emptyDataset());
        }
        if (dropLast && dataset.size() < batch) {
            throw new IllegalArgumentException(Errors.lessThanOneBatch(dataset.size(), batch));
        }
    }

    /** Single samples in the order of the data set. */
    public static DataLoader of(Dataset dataset) {
        return new DataLoader(dataset, 1, OptionalLong.empty(), false);
    }

    /** This loader with another number of samples in a batch. */
    public DataLoader batch(int batch) {
        return new DataLoader(dataset, batch, shuffle, dropLast);
    }

    /** This loader with each epoch in a random order of its own, which depends on the seed and the epoch only. */
    public DataLoader shuffle(long seed) {
        return new DataLoader(dataset, batch, OptionalLong.of(seed), dropLast);
    }

    /** This loader, leaving out a last batch of fewer samples or not. */
    public DataLoader dropLast(boolean dropLast) {
        return new DataLoader(dataset, batch, shuffle, dropLast);
    }

    /** The number of batches in an epoch. */
    public int batches() {
        int whole = dataset.size() / batch;
        return dropLast || dataset.size() % batch == 0 ? whole : whole + 1;
    }

    /** The number of samples in an epoch. */
    public int samples() {
        return dropLast ? dataset.size() / batch * batch : dataset.size();
    }

    /**
     * The batches of an epoch, read from the data set on demand. They can be iterated over several times, with the
     * same batches each time.
     *
     * @param epoch its number, counted from 0; it matters only when the loader shuffles
     * @throws IllegalArgumentException if the number is negative
     */
    public Iterable<Batch> epoch(int epoch) {
        if (epoch < 0) {
            throw new IllegalArgumentException(Errors.negativeEpoch(epoch));
        }
        int size = dataset.size();
        int[] order = shuffle.isPresent()
                ? new Rng(shuffle.getAsLong(), epoch).permutation(size)
                : IntStream.range(0, size).toArray();
        return () -> new Batches(order);
    }

    private final class Batches implements Iterator<Batch> {
        private final int[] order;
        private final int count;
        private int next;

        Batches(int[] order) {
            this.order = order;
            this.count = dropLast ? order.length / batch : (order.length - 1) / batch + 1;
        }

        @Override
        public boolean hasNext() {
            return next < count;
        }

        @Override
        public Batch next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            int from = next++ * batch;
            int size = Math.min(batch, order.length - from);
            Batch made = Given.require(
                    "DataLoader",
                    "what the data set gives",
                    dataset.batch(Arrays.copyOfRange(order, from, from + size)));
            if (made.size() != size) {
                throw new IllegalStateException(Errors.otherCount(size, made.size()));
            }
            return made;
        }
    }
}
