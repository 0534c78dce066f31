package dev.fluxion;

/** The learning rate as a function of the epoch: the optimizer's own rate times a factor. */
@FunctionalInterface
public interface Schedule {
    /** The factor of an epoch, counted from 0. */
    double factor(int epoch);
}
