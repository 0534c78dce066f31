package dev.fluxion.dsl.train;

/**
 * The native memory that a model holds, in bytes. Trainings hold their own.
 *
 * @param weights the bytes of the parameters, with their copies in the layouts of kernels
 * @param programs the number of prediction programs
 * @param arenas the bytes of their arenas
 */
public record ModelMemory(long weights, int programs, long arenas) {
    /** The bytes of weights and arenas together. Those of the whole process are {@link dev.fluxion.engine.OffHeap#bytes}. */
    public long bytes() {
        return weights + arenas;
    }
}
