package dev.fluxion.data;

import dev.fluxion.ir.Given;
import java.util.Objects;

/** A range of another data set. */
record RowsDataset(Dataset all, int from, int to) implements Dataset {
    RowsDataset {
        Objects.checkFromToIndex(from, to, all.size());
    }

    @Override
    public int size() {
        return to - from;
    }

    @Override
    public Batch batch(int... indices) {
        int[] shifted = new int[Given.require("batch", "the numbers", indices).length];
        for (int i = 0; i < indices.length; i++) {
            shifted[i] = from + Objects.checkIndex(indices[i], size());
        }
        return all.batch(shifted);
    }
}
