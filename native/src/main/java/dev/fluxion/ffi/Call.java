package dev.fluxion.ffi;

/**
 * A native computation with all its arguments in place.
 *
 * <p>A call may be run from any thread, but by one thread at a time, and its slices must not be closed while it runs.
 */
public interface Call extends AutoCloseable {
    /**
     * Computes once. Makes one native call and allocates nothing.
     *
     * @throws IllegalStateException if this call, or a memory it works on, was closed
     * @throws NativeException if the library reports a failure
     */
    void run();

    /** Moves the arguments to where they are for a repetition, counted from 0, if any of them moves. */
    default void at(int repetition) {}

    /** Frees what the call holds, not the slices it works on. Closing again does nothing. */
    @Override
    void close();
}
