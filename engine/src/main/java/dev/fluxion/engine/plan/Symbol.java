package dev.fluxion.engine.plan;

/**
 * Something that a plan names and that each program has of its own: the memory of what belongs to a training, its scalars,
 * its number of steps. Kernels get it when they are bound.
 *
 * @param <T> what it is
 */
public interface Symbol<T> {
    /** Whether steps of the plan make it, before others read it; else somebody else has seen to it. */
    default boolean isMade() {
        return false;
    }

    /**
     * What is the same for all programs of a plan.
     *
     * @param value it
     * @param <T> what it is
     */
    record Given<T>(T value) implements Symbol<T> {}
}
