package dev.fluxion.ffi;

import org.bytedeco.dnnl.global.dnnl;

/** The dimensions of layouts, and how much memory tensors of these take, computed without overflow. */
final class Extents {
    /** Blocks of two dimensions, of 64 elements each at most, take 2¹² times as many, and a long counts the bytes of those. */
    private static final long MOST_ELEMENTS = 1L << 48;

    private Extents() {}

    /** Requires some dimensions of at least 1, of no more elements than can be counted. */
    static void require(long[] dims) {
        boolean some = dims.length > 0 && dims.length <= dnnl.DNNL_MAX_NDIMS && least(dims) >= 1;
        if (!some || product(dims) > MOST_ELEMENTS) {
            throw new IllegalArgumentException(Errors.dims(dims));
        }
    }

    /** Whether elements so far apart lie within bytes that a long counts. */
    static boolean areCountable(long[] dims, long[] strides) {
        long most = MOST_ELEMENTS;
        for (int i = 0; i < dims.length; i++) {
            most = strides[i] <= most / dims[i] ? most - strides[i] * (dims[i] - 1) : 0;
        }
        return most > 0;
    }

    /** The least of some numbers. */
    static long least(long[] values) {
        long least = Long.MAX_VALUE;
        for (long value : values) {
            least = Math.min(least, value);
        }
        return least;
    }

    /** The product of numbers of at least 1; beyond what is counted, just more than that. */
    static long product(long[] values) {
        long product = 1;
        for (long value : values) {
            product = value > MOST_ELEMENTS / product ? MOST_ELEMENTS + 1 : product * value;
        }
        return product;
    }
}
