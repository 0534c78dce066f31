package dev.fluxion.ffi;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.javacpp.Pointer;

/**
 * One zeroed block of native memory, allocated once and freed by {@link #close()}; it is never freed by the garbage
 * collector.
 *
 * <p>Small blocks are aligned to a cache line (64 bytes), blocks of 64 KiB and more to a page. Buffers taken from a
 * {@link Slice} must not be touched after the memory is closed: Java cannot check them.
 */
public final class Memory implements AutoCloseable {
    private static final long LINE = 64;
    private static final long PAGE = 4096;
    private static final long BIG = 64 << 10;
    private static final AtomicLong OPEN_BYTES = new AtomicLong();

    private final long bytes;
    private final Handles handles = new Handles();
    private final long address;
    private final AtomicBoolean closed = new AtomicBoolean();

    private Memory(long bytes) {
        this.bytes = bytes;
        long alignment = bytes >= BIG ? PAGE : LINE;
        Pointer block = handles.zeroed(Math.addExact(Math.max(bytes, LINE), alignment));
        this.address = (block.address() + alignment - 1) & -alignment;
        OPEN_BYTES.addAndGet(bytes);
    }

    /**
     * Allocates a block filled with zeros.
     *
     * @param bytes the size, at least 0
     * @throws IllegalArgumentException if {@code bytes} is negative
     * @throws NativeException if the system has no such block
     */
    public static Memory allocate(long bytes) {
        if (bytes < 0 || bytes > Long.MAX_VALUE - 2 * PAGE) {
            throw new IllegalArgumentException(Errors.size(bytes));
        }
        NativeLibrary.load();
        return new Memory(bytes);
    }

    /** Bytes held by all memories of the process that are open. */
    public static long openBytes() {
        return OPEN_BYTES.get();
    }

    /** The usable size in bytes. */
    public long bytes() {
        return bytes;
    }

    /** Whether the block can still be used. */
    public boolean isOpen() {
        return !closed.get();
    }

    /** The whole block. */
    public Slice slice() {
        return slice(0, bytes);
    }

    /**
     * A view of {@code bytes} bytes that start {@code offset} bytes into the block.
     *
     * @throws IndexOutOfBoundsException if the range leaves the block
     * @throws IllegalStateException if the memory was closed
     */
    public Slice slice(long offset, long bytes) {
        requireOpen();
        return new Slice(this, offset, bytes);
    }

    /** Frees the block. Nothing may be running on it. Closing again does nothing. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            handles.close();
            OPEN_BYTES.addAndGet(-bytes);
        }
    }

    long address() {
        requireOpen();
        return address;
    }

    void requireOpen() {
        if (closed.get()) {
            throw new IllegalStateException(Errors.closed("memory of " + bytes + " bytes"));
        }
    }
}
