package dev.fluxion.engine.store;

import dev.fluxion.ir.Noise;
import java.util.concurrent.atomic.AtomicLong;

/** Where a training is. Kernels read it, and through it they reach nothing that belongs to a user. */
public final class Position {
    private final AtomicLong steps = new AtomicLong();
    private final AtomicLong draws = new AtomicLong();
    private volatile long seed;
    private volatile double learningRate;

    /** The number of the step to come, from 1. */
    public long step() {
        return steps.get() + 1;
    }

    /** Notes that a step is done. */
    void stepped() {
        steps.incrementAndGet();
    }

    /** How many runs drew random numbers. */
    public long draws() {
        return draws.get();
    }

    /** Goes on to other random numbers. */
    void draw() {
        draws.incrementAndGet();
    }

    /** Goes on as after so many steps and so many draws. */
    public void go(long stepsDone, long drawsDone) {
        steps.set(stepsDone);
        draws.set(drawsDone);
    }

    /** The seed of the random numbers. */
    public long seed() {
        return seed;
    }

    public void seed(long newSeed) {
        seed = newSeed;
    }

    /** The learning rate of the updates to come. */
    public double learningRate() {
        return learningRate;
    }

    public void learningRate(double rate) {
        learningRate = rate;
    }

    /** The random numbers of a stream in the present run. */
    public long noise(long stream) {
        return Noise.key(seed, draws.get(), stream);
    }
}
