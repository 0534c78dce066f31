package dev.fluxion.engine;

import dev.fluxion.ir.Noise;
import java.util.concurrent.atomic.AtomicLong;

/** Where a training is. Kernels read it, and through it they reach nothing that belongs to a user. */
final class Position {
    final AtomicLong steps = new AtomicLong();
    final AtomicLong draws = new AtomicLong();
    volatile long seed;
    volatile double learningRate;

    /** The number of the step to come, from 1. */
    long step() {
        return steps.get() + 1;
    }

    /** The random numbers of a stream in the present run. */
    long noise(long stream) {
        return Noise.key(seed, draws.get(), stream);
    }
}
