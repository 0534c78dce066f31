package dev.fluxion.engine.store;

import dev.fluxion.ffi.Memory;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Values that lie one after the other in a native block, once it is there. */
final class ValueBlock implements AutoCloseable {
    private static final long ALIGNMENT = 64;

    private final Magnitude magnitude = new Magnitude();
    private @Nullable Memory memory;
    private long size;

    /** Where a value of so many bytes lies, behind those before it. */
    long append(long bytes) {
        long offset = size;
        size += aligned(bytes);
        return offset;
    }

    /** The bytes of a value with the gap up to the next one. */
    static long aligned(long bytes) {
        return (bytes + ALIGNMENT - 1) & -ALIGNMENT;
    }

    /** A block of the same geometry, of zeros. */
    Memory allocate() {
        return Memory.allocate(size);
    }

    /** Allocates the memory, where all values have their places. */
    void fix() {
        memory = allocate();
    }

    Memory memory() {
        return Objects.requireNonNull(memory);
    }

    /** What is known of the values. */
    Magnitude magnitude() {
        return magnitude;
    }

    /** The bytes of native memory that it takes. */
    long bytes() {
        return memory == null ? 0 : memory.bytes();
    }

    /** Frees the memory and gives up all places. */
    @Override
    public void close() {
        if (memory != null) {
            memory.close();
        }
        memory = null;
        size = 0;
        magnitude.forget();
    }
}
