package dev.fluxion.data;

import dev.fluxion.ir.Given;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** Samples that a function makes. */
record FunctionDataset(int size, IntFunction<Batch> sample) implements Dataset {
    FunctionDataset {
        Given.require("Dataset", "the function", sample);
        if (size < 0) {
            throw new IllegalArgumentException(Errors.negativeSize(size));
        }
    }

    @Override
    public Batch batch(int... indices) {
        List<Batch> made = new ArrayList<>();
        for (int index : Given.require("batch", "the numbers", indices)) {
            Batch one = Given.require(
                    "Dataset", "what the function gives", sample.apply(Given.within("batch", "sample", index, size)));
            if (one.size() != 1) {
                throw new IllegalStateException(Errors.otherCount(1, one.size()));
            }
            made.add(one);
        }
        return Stacked.of("Dataset", made);
    }
}
