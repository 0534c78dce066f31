package dev.fluxion.data;

import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.ir.Given;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

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

    /** What a sample is called in messages: its number, unless it has a name such as that of a file. */
    default String name(int index) {
        return Integer.toString(index);
    }

    /**
     * The class of each sample, to divide the samples by or to draw them by: their targets, which must be labels. It reads all samples,
     * unless the data set knows better.
     *
     * @throws IllegalArgumentException if a sample's target is no single label
     */
    default int[] labels() {
        return IntStream.range(0, size())
                .map(i -> Stacked.label(batch(i).targets()))
                .toArray();
    }

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
     * Samples that a function makes, each when it is asked for: {@code Dataset.of(1_000, i -> new Batch(picture(i), label(i)))}. A sample
     * is a batch of one, and all have the same shapes.
     *
     * @param sample makes a sample, the same one whenever it is asked; it must be safe for use by several threads
     * @throws IllegalArgumentException if the size is negative or there is no function
     */
    static Dataset of(int size, IntFunction<Batch> sample) {
        return new FunctionDataset(size, sample);
    }

    /**
     * Samples of a stream, which are read at once and kept in memory: batches of one sample or several.
     *
     * @throws IllegalArgumentException if there are none, or they differ in names or in shapes
     */
    static Dataset of(Stream<Batch> samples) {
        return new TensorDataset(Stacked.of(
                "Dataset", Given.require("Dataset", "the stream", samples).toList()));
    }

    /**
     * Some samples, in this order: {@code data.select(Split.random(data.size(), 0.8, 1).train())}.
     *
     * @throws IndexOutOfBoundsException if a number is outside [0, size)
     */
    default Dataset select(int... indices) {
        return new SelectedDataset(
                this, Given.require("select", "the numbers", indices).clone());
    }

    /**
     * The samples from number {@code from} up to but without {@code to}; they share the memory of this data set.
     *
     * @throws IndexOutOfBoundsException if that is not a part of [0, size)
     */
    default Dataset rows(int from, int to) {
        Given.range("rows", from, to, size());
        return select(IntStream.range(from, to).toArray());
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
