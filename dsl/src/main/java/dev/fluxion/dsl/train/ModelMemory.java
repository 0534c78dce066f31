package dev.fluxion.dsl.train;

/**
 * The native memory that a model holds, in bytes. Trainings hold their own.
 *
 * @param weights the bytes of the parameters, with the copies of them in the layouts that kernels want
 * @param programs how many programs there are for predictions
 * @param arenas the bytes that these compute in
 */
public record ModelMemory(long weights, int programs, long arenas) {}
