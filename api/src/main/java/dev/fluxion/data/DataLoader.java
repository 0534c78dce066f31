package dev.fluxion.data;

import dev.fluxion.ir.Given;
import java.util.List;

/**
 * Iterates over a data set in batches: {@code DataLoader.of(mnist).batch(64).shuffle(seed).dropLast(true)}.
 *
 * @param dataset the samples
 * @param batch the number of samples in a batch, 1 at first; the last batch of an epoch may hold fewer
 * @param order the order in which samples come, at first that of the data set
 * @param dropLast whether a last batch of fewer samples is left out, at first not
 * @param augmentations what is done to the samples of each batch, in this order, at first nothing
 * @param seed the seed that augmentations draw from
 * @param prefetch how many batches are read in the background, 0 at first
 */
public record DataLoader(
        Dataset dataset,
        int batch,
        Sampler order,
        boolean dropLast,
        List<Augmentation> augmentations,
        long seed,
        int prefetch) {
    private static final String LOADER = "DataLoader";

    /**
     * Checks that an epoch has at least one batch.
     *
     * @throws IllegalArgumentException if there is no data set, {@code batch} is less than 1, the data set is empty, or with {@code dropLast}
     *     holds fewer samples than a batch takes
     */
    public DataLoader {
        Given.require(LOADER, "the data set", dataset);
        Given.require(LOADER, "the order", order);
        augmentations = List.copyOf(Given.require(LOADER, "the augmentations", augmentations));
        if (batch < 1) {
            throw new IllegalArgumentException(Errors.batchTooSmall(batch));
        }
        if (dataset.size() < 1) {
            throw new IllegalArgumentException(Errors.emptyDataset());
        }
        Errors.requireAtLeast(LOADER, "prefetch", 0, prefetch);
        int count = order.count(dataset.size());
        if (count < 1) {
            throw new IllegalArgumentException(Errors.emptyDataset());
        }
        if (dropLast && count < batch) {
            throw new IllegalArgumentException(Errors.lessThanOneBatch(count, batch));
        }
    }

    /** Single samples in the order of the data set. */
    public static DataLoader of(Dataset dataset) {
        return new DataLoader(dataset, 1, Sampler.inOrder(), false, List.of(), 0, 0);
    }

    /** This loader with another number of samples in a batch. */
    public DataLoader batch(int batch) {
        return new DataLoader(dataset, batch, order, dropLast, augmentations, seed, prefetch);
    }

    /** This loader with each epoch in a random order of its own, which depends on the seed and the epoch only. */
    public DataLoader shuffle(long seed) {
        return order(Sampler.shuffled(seed));
    }

    /** This loader with samples in another order, such as a weighted one. */
    public DataLoader order(Sampler sampler) {
        return new DataLoader(dataset, batch, sampler, dropLast, augmentations, seed, prefetch);
    }

    /** This loader, leaving out a last batch of fewer samples or not. */
    public DataLoader dropLast(boolean dropLast) {
        return new DataLoader(dataset, batch, order, dropLast, augmentations, seed, prefetch);
    }

    /**
     * This loader with augmentations in place of others: {@code augment(1, crop(32).padding(4), flip())}. What happens to a sample depends
     * on the seed, the epoch and the sample's number only, and if it comes several times in an epoch, on which time it is.
     */
    public DataLoader augment(long seed, Augmentation... changes) {
        return new DataLoader(
                dataset, batch, order, dropLast, Given.all("augment", "an augmentation", changes), seed, prefetch);
    }

    /**
     * This loader, reading and augmenting up to so many batches in the background while others are in use; no more than these are kept.
     * The batches are the same, to the bit. What fails in the background is thrown where its batch would come.
     */
    public DataLoader prefetch(int batches) {
        return new DataLoader(dataset, batch, order, dropLast, augmentations, seed, batches);
    }

    /** The number of batches in an epoch. */
    public int batches() {
        int count = order.count(dataset.size());
        int whole = count / batch;
        return dropLast || count % batch == 0 ? whole : whole + 1;
    }

    /** The number of samples in an epoch. */
    public int samples() {
        int count = order.count(dataset.size());
        return dropLast ? count / batch * batch : count;
    }

    /**
     * The batches of an epoch, read from the data set on demand. They can be iterated over several times, with the
     * same batches each time.
     *
     * @param epoch its number, counted from 0; it matters only when the loader shuffles or augments
     * @throws IllegalArgumentException if the number is negative, or the order has another number of samples than it says, or one that
     *     there is not
     */
    public Iterable<Batch> epoch(int epoch) {
        return epoch(epoch, 0);
    }

    /**
     * The batches of an epoch from one on; those before are not read.
     *
     * @param from the number of the first batch, from 0 to {@link #batches()}
     * @throws IllegalArgumentException as {@link #epoch(int)}, or if there is no such batch
     */
    public Iterable<Batch> epoch(int epoch, int from) {
        if (epoch < 0) {
            throw new IllegalArgumentException(Errors.negativeEpoch(epoch));
        }
        if (from < 0 || from > batches()) {
            throw new IllegalArgumentException(Errors.noBatch(from, batches()));
        }
        Epoch whole = new Epoch(this, epoch);
        return () -> new Batches(whole, from);
    }
}
