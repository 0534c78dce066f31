package dev.fluxion.testing;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Shape;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;

/** A class for each position of outputs with the classes along axis 1: labels N×d₁… for outputs N×C×d₁…. */
record ClassLabels() implements Elements {
    private static final int AXIS = 1;

    @Override
    public Tensor draw(Shape shape, Random random) {
        return new Labels(shape.dim(AXIS)).draw(shape.without(AXIS), random);
    }

    @Override
    public Stream<Tensor> simpler(Tensor tensor) {
        return Labels.simplerLabels(tensor);
    }

    @Override
    public long complexity(Tensor tensor) {
        return Labels.sum(tensor);
    }

    @Override
    public Tensor cut(Tensor tensor, int axis, int from, int to) {
        if (axis != AXIS) {
            return Cut.slice(tensor, axis == 0 ? 0 : axis - 1, from, to);
        }
        int[] labels = Arrays.stream(tensor.ints())
                .map(label -> Math.max(0, Math.min(label, to - 1) - from))
                .toArray();
        return Tensor.of(labels, tensor.shape());
    }

    @Override
    public Tensor drop(Tensor tensor, int axis) {
        return Elements.super.drop(tensor, axis - 1);
    }

    @Override
    public boolean byClass() {
        return true;
    }
}
