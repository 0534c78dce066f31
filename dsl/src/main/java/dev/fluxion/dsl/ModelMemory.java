package dev.fluxion.dsl;

/**
 * The native memory that a model holds, in bytes. Trainings hold their own.
 *
 * @param weights the bytes of the parameters
 * @param programs how many programs there are for predictions
 * @param arenas the bytes that these compute in, with weights in the layouts that their kernels want
 */
public record ModelMemory(long weights, int programs, long arenas) {}
