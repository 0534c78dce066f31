package dev.fluxion.ffi;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;

/** Owns native objects and frees them in reverse order. Used by one thread at a time. */
final class Handles implements AutoCloseable {
    private static final AtomicLong OPEN = new AtomicLong();

    private final Deque<Runnable> owned = new ArrayDeque<>();

    /** How many native objects the process holds open through this package. */
    static long open() {
        return OPEN.get();
    }

    /** Fills {@code handle} through {@code create}, checks the status and owns the result; {@code what} names it in a message. */
    <P extends Pointer> P create(P handle, ToIntFunction<P> create, Consumer<P> destroy, Object what) {
        int status = create.applyAsInt(handle);
        if (status != dnnl.dnnl_success) {
            throw new NativeException(Errors.status(status, what.toString()));
        }
        return own(handle, destroy);
    }

    <P extends Pointer> P own(P handle, Consumer<P> destroy) {
        owned.push(() -> destroy.accept(handle));
        OPEN.incrementAndGet();
        return handle;
    }

    /** A zeroed block that lives as long as this owner. */
    Pointer zeroed(long bytes) {
        Pointer block = Pointer.calloc(1, bytes);
        if (Pointer.isNull(block)) {
            throw new NativeException(Errors.outOfMemory(bytes));
        }
        return own(block, Pointer::free);
    }

    dnnl_memory_desc descriptor(Layout layout) {
        return create(
                new dnnl_memory_desc(),
                d -> dnnl.dnnl_memory_desc_create_with_blob(d, layout.blob()),
                dnnl::dnnl_memory_desc_destroy,
                layout);
    }

    @Override
    public void close() {
        for (Runnable free = owned.poll(); free != null; free = owned.poll()) {
            free.run();
            OPEN.decrementAndGet();
        }
    }

    static BytePointer at(long address) {
        return new BytePointer(new Address(address));
    }

    static long[] longsAt(long address, int count) {
        long[] values = new long[count];
        if (count > 0) {
            new LongPointer(new Address(address)).get(values);
        }
        return values;
    }

    /** A bare address: no deallocator, no registration, nothing for the collector to do. */
    static final class Address extends Pointer {
        Address(long address) {
            super((Pointer) null);
            this.address = address;
        }

        void move(long to) {
            address = to;
        }
    }
}
