package dev.fluxion.engine;

import dev.fluxion.Tensor;
import dev.fluxion.engine.store.Position;
import dev.fluxion.engine.store.StateStore;
import dev.fluxion.ir.Slot;
import dev.fluxion.ir.ValueException;
import java.util.List;
import java.util.Map;

/**
 * What runs change beside the parameters: what is kept for each of them, the number of steps, the random numbers that were
 * drawn, the learning rate. The programs of one training share one; another training of the same parameters has its own.
 *
 * <p>What is kept lies in blocks of the geometry of the parameters' own. Any thread may read it.
 */
public final class RunState implements AutoCloseable {
    private final Parameters parameters;
    private final StateStore store;
    private final Position position;

    private RunState(Parameters parameters) {
        this.parameters = parameters;
        this.store = new StateStore(parameters.store());
        this.position = store.position();
        parameters.register(this);
    }

    /** A state before the first step, with nothing kept. */
    public static RunState of(Parameters parameters) {
        return new RunState(parameters);
    }

    /** Notes that tensors of this name are kept, zero until a step or somebody else changes them; gives the state back. */
    public RunState keep(Slot.Owner owner, String name) {
        store.keep(owner, name);
        return this;
    }

    /** How many steps changed parameters. */
    public long steps() {
        return position.step() - 1;
    }

    /** How many runs drew random numbers. */
    public long draws() {
        return position.draws();
    }

    /** The seed of the random numbers. */
    public long seed() {
        return position.seed();
    }

    /** Chooses the random numbers of the runs to come. */
    public void seed(long newSeed) {
        position.seed(newSeed);
    }

    /** The learning rate of the updates to come. */
    public double learningRate() {
        return position.learningRate();
    }

    /** Sets the learning rate of the updates to come. */
    public void learningRate(double rate) {
        position.learningRate(rate);
    }

    /** Goes on as after so many steps and so many draws. */
    public void position(long stepsDone, long drawsDone) {
        position.go(stepsDone, drawsDone);
    }

    /** What may be kept: the slots that the programs of this state use, for every parameter. */
    public List<Slot> slots() {
        return store.slots();
    }

    /**
     * A copy of what is kept; zeros before the first step.
     *
     * @throws IllegalArgumentException if there is no such slot or parameter
     */
    public Tensor get(Slot slot) {
        return store.get(slot);
    }

    /**
     * Replaces what is kept, all of it or nothing. Another thread may change the arrays meanwhile.
     *
     * @throws IllegalArgumentException if there is no such slot or parameter, or a value has another shape or element type
     * @throws ValueException if a number is NaN or infinite
     */
    public void set(Map<Slot, Tensor> values) {
        store.set(values);
    }

    /**
     * Sets what is kept under a name to zero, for all parameters.
     *
     * @throws IllegalArgumentException if there is no such slot
     */
    public void zero(Slot.Owner owner, String name) {
        store.zero(owner, name);
    }

    /** Where it is kept. */
    StateStore store() {
        return store;
    }

    /** Frees what is kept; no program of this state may run any more. Closing again does nothing. */
    @Override
    public void close() {
        store.close();
        parameters.forget(this);
    }
}
