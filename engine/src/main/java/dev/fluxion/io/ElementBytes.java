package dev.fluxion.io;

import dev.fluxion.Tensor;
import dev.fluxion.ir.DType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The elements of tensors on their way to a file, little-endian, a part at a time. */
final class ElementBytes {
    private static final int CHUNK = 1 << 18;

    private final ByteBuffer buffer = ByteBuffer.allocate(4 * CHUNK).order(ByteOrder.LITTLE_ENDIAN);

    interface Sink {
        /** Takes the bytes from the buffer's beginning to its limit. */
        void take(ByteBuffer part) throws IOException;
    }

    /** Gives all elements of a tensor in their order. */
    void give(Tensor tensor, Sink to) throws IOException {
        for (int at = 0; at < tensor.size(); at += CHUNK) {
            int count = Math.min(CHUNK, tensor.size() - at);
            buffer.clear().limit(4 * count);
            if (tensor.dtype() == DType.FLOAT) {
                buffer.asFloatBuffer().put(tensor.floats(), at, count);
            } else {
                buffer.asIntBuffer().put(tensor.ints(), at, count);
            }
            to.take(buffer);
        }
    }
}
