package dev.fluxion.io;

import dev.fluxion.Tensor;
import dev.fluxion.ir.DType;

/** Looks for elements that are no finite numbers. */
final class Finite {
    private Finite() {}

    /** The position of the first NaN, or −1. */
    static int firstNaN(Tensor tensor) {
        float[] data = tensor.dtype() == DType.FLOAT ? tensor.floats() : new float[0];
        for (int i = 0; i < data.length; i++) {
            if (Float.isNaN(data[i])) {
                return i;
            }
        }
        return -1;
    }

    /** The position of the first NaN or infinity, or −1. */
    static int firstNotFinite(float[] data) {
        for (int i = 0; i < data.length; i++) {
            if (!Float.isFinite(data[i])) {
                return i;
            }
        }
        return -1;
    }
}
