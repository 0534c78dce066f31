package dev.fluxion.engine;

import dev.fluxion.ffi.Memory;

/** The native memory of the process, outside of the heap of the JVM. */
public final class OffHeap {
    private OffHeap() {}

    /** The bytes that all models, trainings and programs of this process hold now: weights, states and what they compute in. */
    public static long bytes() {
        return Memory.openBytes();
    }
}
