package dev.fluxion.ir.open;

import dev.fluxion.Tensor;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Shape;

/** The first elements of a tensor along each axis: what a table is for fewer rows. */
final class Leading {
    private Leading() {}

    /**
     * A part of a tensor.
     *
     * @throws IllegalArgumentException if the tensor is smaller
     */
    static Tensor part(Tensor from, Shape part) {
        Shape all = from.shape();
        if (all.equals(part)) {
            return from;
        }
        boolean fits = all.rank() == part.rank();
        for (int i = 0; fits && i < all.rank(); i++) {
            fits = part.dim(i) <= all.dim(i);
        }
        if (!fits) {
            throw new IllegalArgumentException(Errors.beyondTable(part, all));
        }
        return from.dtype() == DType.INT
                ? Tensor.of(copied(from.ints(), new int[part.size()], all, part), part)
                : Tensor.of(copied(from.floats(), new float[part.size()], all, part), part);
    }

    /** Copies row by row; a row lies along the last axis. */
    @SuppressWarnings("SuspiciousSystemArraycopy")
    private static <A> A copied(Object from, A to, Shape all, Shape part) {
        int length = part.dim(-1);
        int[] strides = all.strides();
        for (int at = 0; at < part.size(); at += length) {
            int place = 0;
            int rest = at / length;
            for (int axis = part.rank() - 2; axis >= 0; axis--) {
                place += rest % part.dim(axis) * strides[axis];
                rest /= part.dim(axis);
            }
            System.arraycopy(from, place, to, at, length);
        }
        return to;
    }
}
