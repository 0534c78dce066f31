package dev.fluxion.engine;

import dev.fluxion.engine.run.FailFastLock;
import dev.fluxion.engine.run.Natives;
import dev.fluxion.ffi.Memory;
import org.jspecify.annotations.Nullable;

/**
 * Memory that programs compute in, one at a time: it is as large as the largest of them needs. The programs of a training share
 * one, whatever the extents of its batches.
 *
 * <p>Whoever writes an input or runs takes the arena over: what another program wrote, and its outputs, are lost then. If the
 * arena is too small, it is allocated anew, and each program is bound to it when it takes it over. It does not shrink, so that
 * extents that come and go cost nothing, and is freed with its last program.
 */
public final class Arena {
    private final FailFastLock lock = new FailFastLock();
    private @Nullable Memory memory;
    private @Nullable Natives holder;
    private int programs;

    /** One that no program uses yet. */
    public Arena() {}

    /** The bytes that are allocated. */
    synchronized long bytes() {
        return memory == null ? 0 : memory.bytes();
    }

    /** Who holds it is the only one to use the arena or one of its programs. */
    FailFastLock lock() {
        return lock;
    }

    /** There is one program more. */
    synchronized void join() {
        programs++;
    }

    /** There is one program less. */
    synchronized void leave() {
        programs--;
        if (programs == 0) {
            free();
        }
    }

    /** Whether no program has taken the arena over. */
    synchronized boolean isFree() {
        return holder == null;
    }

    /** Whether what a program left is there. The lock is held. */
    boolean isHeldBy(Natives program) {
        return holder == program;
    }

    /** The memory, for a program that needs so many bytes of it. The lock is held. */
    synchronized Memory take(Natives program, long bytes) {
        if (memory == null || memory.bytes() < bytes) {
            free();
            memory = Memory.allocate(bytes);
        }
        holder = program;
        return memory;
    }

    /** A program that could not be bound has nothing here. The lock is held. */
    synchronized void vacate(Natives program) {
        if (holder == program) {
            holder = null;
        }
    }

    private void free() {
        holder = null;
        if (memory != null) {
            memory.close();
            memory = null;
        }
    }
}
