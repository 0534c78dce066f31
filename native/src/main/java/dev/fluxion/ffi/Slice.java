package dev.fluxion.ffi;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import org.bytedeco.javacpp.BytePointer;

/**
 * A range of bytes in a {@link Memory}. A slice owns nothing and need not be closed.
 *
 * @param memory the block
 * @param offset where the range starts, in bytes from the start of the block
 * @param bytes the length in bytes
 */
public record Slice(Memory memory, long offset, long bytes) {
    /** Checks that the range lies in the block. */
    public Slice {
        if (offset < 0 || bytes < 0 || offset > memory.bytes() - bytes) {
            throw new IndexOutOfBoundsException(Errors.range(offset, bytes, memory.bytes()));
        }
    }

    /** The part of this slice that starts {@code start} bytes into it and has {@code length} bytes. */
    public Slice slice(long start, long length) {
        if (start < 0 || length < 0 || start > bytes - length) {
            throw new IndexOutOfBoundsException(Errors.range(start, length, bytes));
        }
        return new Slice(memory, offset + start, length);
    }

    /**
     * The range as floats in native order, sharing the memory. Make it once and keep it: each call creates a buffer.
     *
     * @throws IllegalStateException if the memory was closed
     * @throws IllegalArgumentException if the slice is longer than a Java buffer can be (2 GiB)
     */
    public FloatBuffer floats() {
        return buffer().asFloatBuffer();
    }

    /** The range as ints in native order; see {@link #floats()}. */
    public IntBuffer ints() {
        return buffer().asIntBuffer();
    }

    /**
     * The address of the first byte.
     *
     * @throws IllegalStateException if the memory was closed
     */
    public long address() {
        return memory.address() + offset;
    }

    /** Whether a byte belongs to both ranges. */
    public boolean overlaps(Slice other) {
        return memory == other.memory && offset < other.offset + other.bytes && other.offset < offset + bytes;
    }

    /** The range as bytes in native order; see {@link #floats()}. */
    public ByteBuffer buffer() {
        if (bytes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(Errors.tooLongForBuffer(bytes));
        }
        if (bytes == 0) {
            memory.requireOpen();
            return ByteBuffer.allocate(0);
        }
        BytePointer pointer = Handles.at(address());
        return pointer.capacity(bytes).asByteBuffer().order(ByteOrder.nativeOrder());
    }
}
