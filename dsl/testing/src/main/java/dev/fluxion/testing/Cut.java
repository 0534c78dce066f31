package dev.fluxion.testing;

import dev.fluxion.Tensor;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Shape;

/** Parts of tensors. */
final class Cut {
    private Cut() {}

    /** The places from {@code from} up to but without {@code to} along an axis, copied. */
    static Tensor slice(Tensor tensor, int axis, int from, int to) {
        Shape shape = tensor.shape().with(axis, to - from);
        int step = tensor.shape().strides()[axis];
        int block = step * (to - from);
        int stride = step * tensor.shape().dim(axis);
        Object data = tensor.dtype() == DType.FLOAT ? new float[shape.size()] : new int[shape.size()];
        Object source = tensor.dtype() == DType.FLOAT ? tensor.floats() : tensor.ints();
        for (int at = 0, place = from * step; at < shape.size(); at += block, place += stride) {
            System.arraycopy(source, place, data, at, block);
        }
        return data instanceof float[] floats ? Tensor.of(floats, shape) : Tensor.of((int[]) data, shape);
    }
}
