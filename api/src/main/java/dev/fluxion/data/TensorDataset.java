package dev.fluxion.data;

import dev.fluxion.Tensor;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;

/** Samples held as tensors. */
record TensorDataset(Batch all) implements Dataset {
    @Override
    public int size() {
        return all.size();
    }

    @Override
    public Batch batch(int... indices) {
        for (int index : Given.require("batch", "the numbers", indices)) {
            Given.within("batch", "sample", index, size());
        }
        return new Batch(
                all.allInputs().map(t -> gather(t, indices)), all.allTargets().map(t -> gather(t, indices)));
    }

    private static Tensor gather(Tensor from, int[] indices) {
        Shape shape = from.shape().with(0, indices.length);
        int row = from.size() / from.shape().dim(0);
        if (from.dtype() == DType.FLOAT) {
            float[] to = new float[shape.size()];
            copyRows(from.floats(), to, row, indices);
            return Tensor.of(to, shape);
        }
        int[] to = new int[shape.size()];
        copyRows(from.ints(), to, row, indices);
        return Tensor.of(to, shape);
    }

    @SuppressWarnings("SuspiciousSystemArraycopy")
    private static void copyRows(Object from, Object to, int row, int[] indices) {
        for (int i = 0; i < indices.length; i++) {
            System.arraycopy(from, indices[i] * row, to, i * row, row);
        }
    }
}
