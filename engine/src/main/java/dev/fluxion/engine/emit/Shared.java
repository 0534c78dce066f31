package dev.fluxion.engine.emit;

import dev.fluxion.engine.error.Errors;
import java.util.concurrent.atomic.AtomicInteger;

/** What programs share that run the same kernels: freed when the last of them is. */
public final class Shared implements AutoCloseable {
    private final AtomicInteger users = new AtomicInteger(1);
    private final Primitives primitives;
    private final Constants constants;

    Shared(Primitives primitives, Constants constants) {
        this.primitives = primitives;
        this.constants = constants;
    }

    /** How many kernels of the native library it holds. */
    public int kernels() {
        return primitives.count();
    }

    /**
     * Notes one more program.
     *
     * @throws IllegalStateException if there is none any more
     */
    public void retain() {
        if (users.getAndUpdate(n -> n == 0 ? 0 : n + 1) == 0) {
            throw new IllegalStateException(Errors.programClosed());
        }
    }

    /** Notes one program fewer. */
    @Override
    public void close() {
        if (users.decrementAndGet() == 0) {
            primitives.close();
            constants.close();
        }
    }
}
