package dev.fluxion.dsl.train;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a layer makes of any batch, in training or in prediction. It is asked for a few sizes, formulas are fitted to what it makes of
 * some of these, and what it makes of the others must be what the formulas tell.
 */
final class Traced {
    private final Asked layer;
    private final boolean training;
    private volatile @Nullable Found found;

    /** What was found: an open graph, or why there is none. */
    record Found(@Nullable OpenApplied open, String problem) {}

    Traced(Asked layer, boolean training) {
        this.layer = layer;
        this.training = training;
    }

    /** What the layer makes of any batch, or why nothing tells. */
    Found find(Network network) {
        Found known = found;
        return known != null ? known : found(network);
    }

    private synchronized Found found(Network network) {
        Found known = found;
        if (known == null) {
            known = search(network);
            found = known;
        }
        return known;
    }

    private Found search(Network network) {
        AskedSizes sizes = AskedSizes.of(List.copyOf(network.extents().values()));
        try {
            OpenApplied open = OpenApplied.of(samples(network, sizes));
            for (BatchShape batch : sizes.others()) {
                open.requireSame(tried(network, batch), batch);
            }
            return new Found(open, "");
        } catch (IllegalArgumentException e) {
            return new Found(null, String.valueOf(e.getMessage()));
        }
    }

    /** What the layer makes of the first sizes that it takes. */
    private List<OpenApplied.Sample> samples(Network network, AskedSizes sizes) {
        List<OpenApplied.Sample> samples = new ArrayList<>();
        for (BatchShape batch : sizes.candidates()) {
            Applied applied = tried(network, batch);
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
    private @Nullable Applied tried(Network network, BatchShape batch) {
        try {
            return layer.ask(network, training, batch).applied();
        } catch (IllegalArgumentException | IndexOutOfBoundsException | ArithmeticException e) {
            return null;
        }
    }
}
