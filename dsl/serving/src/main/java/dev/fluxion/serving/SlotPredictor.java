package dev.fluxion.serving;

import dev.fluxion.dsl.train.BatchPredictor;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.ModelMemory;
import dev.fluxion.dsl.train.Part;
import java.util.List;
import java.util.Map;

/**
 * Predicts with the threads of one slot, so that batches are computed beside each other, or with those of all slots, when
 * there is one batch alone. The bits are the same.
 */
final class SlotPredictor {
    private final BatchPredictor one;
    private final BatchPredictor all;
    private final int slots;

    private SlotPredictor(BatchPredictor one, BatchPredictor all, int slots) {
        this.one = one;
        this.all = all;
        this.slots = slots;
    }

    static SlotPredictor of(Model model, Batching options) {
        int[] programs = options.batchInvariant() == 0 ? new int[0] : new int[] {options.batchInvariant()};
        int slots = options.workers();
        BatchPredictor one = model.batchPredictor(slots, options.threadsPerWorker(), programs);
        BatchPredictor all = slots == 1 ? one : model.batchPredictor(1, options.threads(), programs);
        return new SlotPredictor(one, all, slots);
    }

    /** Makes parts, which any number of slots compute. */
    BatchPredictor parts() {
        return one;
    }

    /** What computes parts as one batch with some slots: one, or all. */
    Runnable prepare(List<Part> parts, int taken) {
        return (taken == slots ? all : one).prepare(parts);
    }

    /** Compiles the programs for batches of samples of some extents. */
    void warmUp(int maxBatch, Map<String, Integer> extents) {
        one.warmUp(maxBatch, extents);
        if (all != one) {
            all.warmUp(maxBatch, extents);
        }
    }

    ModelMemory memory() {
        ModelMemory narrow = one.memory();
        if (all == one) {
            return narrow;
        }
        ModelMemory wide = all.memory();
        return new ModelMemory(narrow.weights(), narrow.programs() + wide.programs(), narrow.arenas() + wide.arenas());
    }

    void close() {
        one.close();
        all.close();
    }
}
