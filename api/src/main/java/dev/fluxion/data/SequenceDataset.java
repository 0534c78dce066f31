package dev.fluxion.data;

import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import java.util.Arrays;
import java.util.List;

/**
 * Sequences of ids of different lengths, such as texts, with a target each. A batch has the length of its longest sequence, rounded up so
 * that there are few lengths and so few programs, but not beyond the longest of all unless {@link #multipleOf} is asked for; the
 * others end with padding. {@link
 * Sampler#byLength} puts those of about the same length together. Inputs are ids N×T, called {@code ids} if there are a mask or
 * lengths, too.
 */
@SuppressWarnings("ArrayRecordComponent")
public final class SequenceDataset implements Dataset {
    private static final String SEQUENCES = "SequenceDataset";
    private static final String IDS = "ids";

    private final List<int[]> ids;
    private final Tensor targets;
    private final Options options;

    /** What batches look like. */
    private record Options(int padding, int multiple, int most, String mask, String lengths) {}

    private SequenceDataset(List<int[]> ids, Tensor targets, Options options) {
        this.ids = ids;
        this.targets = targets;
        this.options = options;
    }

    /**
     * Sequences that are in memory already. The arrays are not copied.
     *
     * @param targets a target for each, along the first axis
     * @throws IllegalArgumentException if there are not as many targets as sequences, none at all, or one without ids
     */
    public static SequenceDataset of(List<int[]> ids, Tensor targets) {
        List<int[]> all = List.copyOf(Given.require(SEQUENCES, "the sequences", ids));
        Shape shape = Given.require(SEQUENCES, "the targets", targets).shape();
        if (all.isEmpty() || shape.rank() == 0 || shape.dim(0) != all.size()) {
            throw new IllegalArgumentException(Errors.sequenceTargets(all.size(), shape));
        }
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).length == 0) {
                throw new IllegalArgumentException(Errors.emptySequence(i));
            }
        }
        int most = all.stream().mapToInt(sequence -> sequence.length).max().orElse(1);
        return new SequenceDataset(all, targets, new Options(0, 8, most, "", ""));
    }

    /** This with another id behind the end of a sequence, at first 0. */
    public SequenceDataset padding(int id) {
        return with(new Options(id, options.multiple, options.most, options.mask, options.lengths));
    }

    /**
     * This with lengths of batches that are multiples of a number; 1 pads no more than there must be. At first they are multiples
     * of 8, or the length of the longest sequence of all where that is less.
     */
    public SequenceDataset multipleOf(int length) {
        Errors.requireAtLeast(SEQUENCES, "multipleOf", 1, length);
        return with(new Options(options.padding, length, Integer.MAX_VALUE, options.mask, options.lengths));
    }

    /** This with one more input N×T, which is 1 where there is an id and 0 where there is padding. */
    public SequenceDataset mask(String name) {
        return with(new Options(
                options.padding,
                options.multiple,
                options.most,
                Given.require("mask", "the name", name),
                options.lengths));
    }

    /** This with one more input N, the number of ids of each sequence. */
    public SequenceDataset lengths(String name) {
        return with(new Options(
                options.padding,
                options.multiple,
                options.most,
                options.mask,
                Given.require("lengths", "the name", name)));
    }

    private SequenceDataset with(Options other) {
        return new SequenceDataset(ids, targets, other);
    }

    @Override
    public int size() {
        return ids.size();
    }

    /** The number of ids of each sequence, for {@link Sampler#byLength}. */
    public int[] lengths() {
        return ids.stream().mapToInt(sequence -> sequence.length).toArray();
    }

    @Override
    public SequenceDataset select(int... indices) {
        int[] all = Given.require("select", "the numbers", indices);
        return new SequenceDataset(
                Arrays.stream(all)
                        .mapToObj(i -> ids.get(Given.within("select", "sample", i, size())))
                        .toList(),
                all.length == 0 ? targets.rows(0, 0) : targets(all),
                options);
    }

    @Override
    public SequenceDataset rows(int from, int to) {
        Given.range("rows", from, to, size());
        return new SequenceDataset(ids.subList(from, to), targets.rows(from, to), options);
    }

    private Tensor targets(int... indices) {
        return new TensorDataset(new Batch(targets, targets)).batch(indices).targets();
    }

    @Override
    public Batch batch(int... indices) {
        int longest = 1;
        for (int index : Given.require("batch", "the numbers", indices)) {
            longest = Math.max(longest, ids.get(Given.within("batch", "sample", index, size())).length);
        }
        long rounded = ((long) longest + options.multiple - 1) / options.multiple * options.multiple;
        int length = (int) Math.min(rounded, options.most);
        int[] padded = new int[indices.length * length];
        Arrays.fill(padded, options.padding);
        float[] mask = new float[padded.length];
        int[] lengths = new int[indices.length];
        for (int i = 0; i < indices.length; i++) {
            int[] own = ids.get(indices[i]);
            System.arraycopy(own, 0, padded, i * length, own.length);
            Arrays.fill(mask, i * length, i * length + own.length, 1);
            lengths[i] = own.length;
        }
        Shape shape = Shape.of(indices.length, length);
        boolean alone = options.mask.isEmpty() && options.lengths.isEmpty();
        Tensors inputs = Tensors.of(alone ? "" : IDS, Tensor.of(padded, shape));
        if (!options.mask.isEmpty()) {
            inputs = inputs.with(options.mask, Tensor.of(mask, shape));
        }
        if (!options.lengths.isEmpty()) {
            inputs = inputs.with(options.lengths, Tensor.labels(lengths));
        }
        return new Batch(inputs, Tensors.of(targets(indices)));
    }
}
