package dev.fluxion.data;

import dev.fluxion.ir.Given;
import java.util.function.UnaryOperator;

/** Another data set, each batch passed through a function. */
record MappedDataset(Dataset source, UnaryOperator<Batch> function) implements Dataset {
    MappedDataset {
        Given.require("map", "the function", function);
    }

    @Override
    public int size() {
        return source.size();
    }

    @Override
    public String name(int index) {
        return source.name(index);
    }

    @Override
    public Batch batch(int... indices) {
        Batch mapped = Given.require("map", "what the function gives", function.apply(source.batch(indices)));
        if (mapped.size() != indices.length) {
            throw new IllegalStateException(Errors.mapChangedCount(indices.length, mapped.size()));
        }
        return mapped;
    }
}
