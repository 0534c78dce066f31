package dev.fluxion.io;

import java.util.Optional;

/** A tensor of a PyTorch file: those elements of a storage that an offset and a stride for each axis lead to. */
@SuppressWarnings("ArrayRecordComponent")
record TorchView(Storage storage, long offset, long[] shape, long[] strides) {
    /**
     * Numbers of one type in an entry of the archive, which several tensors may share.
     *
     * @param type its element type, as {@link Type} has it, or another that cannot be read
     */
    record Storage(String type, String key, long elements) {
        /** As it is for a tensor whose numbers are others than its own, negated or conjugated ones, which cannot be read. */
        Storage marked() {
            return new Storage(type + " (negated or conjugated)", key, elements);
        }

        /** Its bytes, if the type is known; none if they are more than a file has. */
        Optional<Long> bytes() {
            return Type.of(type).map(t -> elements > Long.MAX_VALUE / Long.BYTES ? -1 : t.bytes() * elements);
        }
    }

    boolean isEmpty() {
        for (long extent : shape) {
            if (extent == 0) {
                return true;
            }
        }
        return false;
    }

    /** The number of elements of the storage from the first to the last one of this tensor; −1 if one is not in it. */
    long span() {
        if (isEmpty()) {
            return 0;
        }
        try {
            long last = 0;
            for (int i = 0; i < shape.length; i++) {
                last = Math.addExact(last, Math.multiplyExact(shape[i] - 1, strides[i]));
            }
            return Math.addExact(offset, last) < storage.elements() ? last + 1 : -1;
        } catch (ArithmeticException tooFar) {
            return -1;
        }
    }

    /** Whether the elements lie in row-major order without gaps. */
    boolean contiguous() {
        long next = 1;
        for (int i = shape.length - 1; i >= 0; i--) {
            if (shape[i] != 1 && strides[i] != next) {
                return false;
            }
            next *= shape[i];
        }
        return true;
    }
}
