package dev.fluxion.data;

import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** Numbered samples with targets. Implementations are safe for use by several threads. */
public interface Dataset {
    /** The number of samples. */
    int size();

    /**
     * The samples of the given numbers, stacked in that order.
     *
     * @throws IndexOutOfBoundsException if a number is outside [0, size)
     */
    Batch batch(int... indices);

    /**
     * The first samples as one batch.
     *
     * @throws IndexOutOfBoundsException if there are fewer
     */
    default Batch first(int count) {
        return batch(IntStream.range(0, count).toArray());
    }

    /**
     * Samples that are in memory already. The tensors are not copied.
     *
     * @param inputs the samples along the first axis
     * @param targets their targets along the first axis
     * @throws IllegalArgumentException if there are not as many targets as samples, or none at all, or a tensor is null
     */
    static Dataset of(Tensor inputs, Tensor targets) {
        return new TensorDataset(new Batch(inputs, targets));
    }

    /**
     * Samples of several inputs or targets that are in memory already, by name. The tensors are not copied.
     *
     * @param targets the targets; {@link Tensors#none()} for a loss that takes none
     * @throws IllegalArgumentException if there are not as many of each, or no samples at all
     */
    static Dataset of(Tensors inputs, Tensors targets) {
        return new TensorDataset(new Batch(inputs, targets));
    }

    /**
     * The samples from number {@code from} up to but without {@code to}; they share the memory of this data set.
     *
     * @throws IndexOutOfBoundsException if that is not a part of [0, size)
     */
    default Dataset rows(int from, int to) {
        return new RowsDataset(this, from, to);
    }

    /**
     * The first samples.
     *
     * @throws IndexOutOfBoundsException if there are fewer
     */
    default Dataset take(int count) {
        return rows(0, count);
    }

    /**
     * This data set with a function that is applied to each batch when it is read, for instance
     * {@code mnist.map(Transforms.normalize(0.1307f, 0.3081f))}. The function must keep the number of samples and be
     * safe for use by several threads.
     */
    default Dataset map(UnaryOperator<Batch> function) {
        return new MappedDataset(this, function);
    }
}
