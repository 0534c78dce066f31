package dev.fluxion.data;

import java.util.function.UnaryOperator;

/** Another data set, each batch passed through a function. */
record MappedDataset(Dataset source, UnaryOperator<Batch> function) implements Dataset {
    @Override
    public int size() {
        return source.size();
    }

    @Override
    public Batch batch(int... indices) {
        Batch mapped = function.apply(source.batch(indices));
        if (mapped.size() != indices.length) {
            throw new IllegalStateException(Errors.mapChangedCount(indices.length, mapped.size()));
        }
        return mapped;
    }
}
