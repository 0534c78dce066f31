package dev.fluxion.engine;

import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Noise;

/** What changes from run to run beside the inputs. */
final class RunState {
    private final Parameters parameters;
    private long seed;
    private long run = 1;
    private double learningRate;

    RunState(Parameters parameters) {
        this.parameters = parameters;
    }

    void seed(long newSeed) {
        this.seed = newSeed;
    }

    void learningRate(double rate) {
        this.learningRate = rate;
    }

    double learningRate() {
        return learningRate;
    }

    long step() {
        return parameters.step();
    }

    void nextRun() {
        run = parameters.nextRun();
    }

    /** An interpreter that draws the random numbers of the present run. */
    Interpreter interpreter() {
        return new Interpreter().seed(seed).step(run);
    }

    long noise(long stream) {
        return Noise.key(seed, run, stream);
    }
}
