package dev.fluxion.dsl.train;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a layer makes of any batch, in training or in prediction. It is asked for a few sizes, formulas are fitted to what it makes of
 * some of these, and what it makes of the others must be what the formulas tell.
 */
final class Traced {
    private final String layer;
    private final List<Integer> most;
    private final Question question;
    private volatile @Nullable Found found;

    /** What was found: an open graph, or why there is none. */
    record Found(@Nullable OpenApplied open, String problem) {}

    /** What is made of a batch. */
    interface Question {
        Applied of(BatchShape batch);
    }

    /**
     * A question about any batch.
     *
     * @param layer the layer as the user wrote it
     * @param most the largest of each extent
     */
    Traced(String layer, List<Integer> most, Question question) {
        this.layer = layer;
        this.most = most;
        this.question = question;
    }

    /** What the layer makes of any batch, or why nothing tells. */
    Found find() {
        Found known = found;
        return known != null ? known : found();
    }

    private synchronized Found found() {
        Found known = found;
        if (known == null) {
            known = search();
            found = known;
        }
        return known;
    }

    private Found search() {
        AskedSizes sizes = AskedSizes.of(most);
        try {
            OpenApplied open = OpenApplied.of(samples(sizes));
            for (BatchShape batch : sizes.others()) {
                Applied applied = tried(batch);
                if (applied != null) { // limits that a layer checks itself are not written
                    open.requireSame(applied, batch);
                }
            }
            return new Found(open, "");
        } catch (IllegalArgumentException e) {
            return new Found(null, String.valueOf(e.getMessage()));
        }
    }

    /** What the layer makes of the first sizes that it takes. */
    private List<OpenApplied.Sample> samples(AskedSizes sizes) {
        List<OpenApplied.Sample> samples = new ArrayList<>();
        for (BatchShape batch : sizes.candidates()) {
            Applied applied = tried(batch);
            if (applied != null) {
                samples.add(new OpenApplied.Sample(batch, applied));
            }
            if (samples.size() == sizes.samples()) {
                return samples;
            }
        }
        throw new IllegalArgumentException(FileErrors.takesFewSizes(layer));
    }

    /** What the layer makes, null if it refuses a size that nobody has asked for. */
    private @Nullable Applied tried(BatchShape batch) {
        try {
            return question.of(batch);
        } catch (IllegalArgumentException | IndexOutOfBoundsException | ArithmeticException e) {
            return null;
        }
    }
}
