package dev.fluxion.engine;

import dev.fluxion.Input;
import dev.fluxion.Tensor;
import dev.fluxion.engine.emit.Shared;
import dev.fluxion.engine.error.Errors;
import dev.fluxion.engine.run.Bound;
import dev.fluxion.engine.run.Diagnosis;
import dev.fluxion.engine.run.Executable;
import dev.fluxion.engine.run.IoBuffer;
import dev.fluxion.engine.run.IoBuffers;
import dev.fluxion.engine.run.Plan;
import dev.fluxion.engine.run.Stages;
import dev.fluxion.engine.store.Freed;
import dev.fluxion.engine.update.Diverged;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ValueException;
import java.lang.ref.Cleaner;
import java.nio.FloatBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A compiled graph: a plan whose steps are bound to an arena, run in phases whose lanes run beside each other. A run allocates
 * nothing, neither on the Java heap nor outside of it.
 *
 * <p>A program serves one thread at a time; another thread that runs, writes or reads meanwhile gets an exception, and
 * {@link #fork} gives it a program of its own. Runs of programs that share parameters and change them wait for each other.
 * Closing waits for a run to end.
 */
public final class Program implements AutoCloseable {
    private final Parameters parameters;
    private final RunState state;
    private final Plan plan;
    private final Graph graph;
    private final boolean forkable;
    private final Diagnosis diagnosis;
    private final Tenancy tenancy;
    private final IoBuffers inputs;
    private final IoBuffers outputs;
    private final ProgramAccess access;
    private final ProgramIo io;
    private final Cleaner.Cleanable freed;

    /** The program takes the plan over, unless it fails. */
    Program(Plan plan, Graph graph, Parameters parameters, RunState state, Arena arena) {
        this.plan = plan;
        this.graph = graph;
        this.parameters = parameters;
        this.state = state;
        this.diagnosis = new Diagnosis(graph, parameters.store(), state.store());
        this.forkable = !plan.updates() && !plan.draws();
        this.tenancy = new Tenancy(plan, graph, parameters, state, arena);
        this.inputs = tenancy.inputs();
        this.outputs = tenancy.outputs();
        this.access = new ProgramAccess(this, tenancy, state);
        this.io = new ProgramIo(inputs, outputs, access);
        Runnable free = tenancy.free();
        try {
            tenancy.takeOverIfFree();
            parameters.register(this);
        } catch (RuntimeException | Error e) {
            free.run();
            throw e;
        }
        freed = Freed.with(this, free(free, plan.shared()));
    }

    private static Runnable free(Runnable bound, Shared shared) {
        return () -> {
            bound.run();
            shared.close();
        };
    }

    /** Whether runs depend on nothing but inputs and parameters: they draw no random numbers and change no parameter. */
    public boolean isForkable() {
        return forkable;
    }

    /**
     * A program that computes the same beside this one, with memory of its own and the same kernels, for another thread.
     *
     * @throws IllegalStateException if this program is closed, or not {@link #isForkable}
     */
    public Program fork() {
        if (!isForkable()) {
            throw new IllegalStateException(plan.updates() ? Errors.forksUpdates() : Errors.forksNoise());
        }
        access.requireOpen();
        plan.shared().retain();
        try {
            return new Program(plan, graph, parameters, state, new Arena());
        } catch (RuntimeException | Error e) {
            plan.shared().close();
            throw e;
        }
    }

    /**
     * Gives an input its value for the runs to come.
     *
     * @throws IllegalArgumentException if there is no such input, or shape or element type are others
     * @throws ValueException if a number is NaN or infinite
     */
    public void write(String input, Tensor value) {
        io.write(input, value);
    }

    /**
     * Gives some rows of an input, along its first axis, those of a tensor. Before the first run, and the first after another program
     * in the same arena, {@link #repeatRows} gives the others a value.
     *
     * @param at the first of the input's rows
     * @param from the first of the tensor's rows
     * @param rows how many
     * @throws IllegalArgumentException if there is no such input, or its rows are of another shape or element type
     * @throws IndexOutOfBoundsException if there are no such rows
     * @throws ValueException if a number is NaN or infinite
     */
    public void writeRows(String input, int at, Tensor value, int from, int rows) {
        io.writeRows(input, at, value, from, rows);
    }

    /**
     * Gives the rows of an input after the first ones the last of these.
     *
     * @param rows how many there are, at least 1
     * @throws IllegalArgumentException if there is no such input
     * @throws IndexOutOfBoundsException if it has fewer rows
     */
    public void repeatRows(String input, int rows) {
        io.repeatRows(input, rows);
    }

    /**
     * Copies some rows of an output of the last run into a tensor.
     *
     * @param at the first of the output's rows
     * @param from the first of the tensor's rows
     * @param rows how many
     * @throws IllegalArgumentException if there is no such output, or its rows are of another shape or element type
     * @throws IndexOutOfBoundsException if there are no such rows
     */
    public void readRows(String output, int at, Tensor into, int from, int rows) {
        io.readRows(output, at, into, from, rows);
    }

    /**
     * Copies some rows of a floating-point output of the last run into a buffer, whose position stays.
     *
     * @param at the first of the output's rows
     * @param from the row that the first of them is of what begins at the buffer's position
     * @param rows how many
     * @throws IllegalArgumentException if there is no such output, or it has integers
     * @throws IndexOutOfBoundsException if there are no such rows, or no room for them
     */
    public void readRows(String output, int at, FloatBuffer into, int from, int rows) {
        io.readRows(output, at, into, from, rows);
    }

    /**
     * Requires numbers that programs take for an input, as {@link #write} does.
     *
     * @throws ValueException if one is NaN, or infinite where that is not allowed
     */
    public static void requireAllowed(Input input, Tensor value) {
        IoBuffer.requireAllowed(input, value);
    }

    /** The shape of an output. */
    public Shape outputShape(String output) {
        return outputs.get(output).shape();
    }

    /** Gives a floating-point input its value, row-major; see {@link #write(String, Tensor)}. */
    public void write(String input, float[] values) {
        io.write(input, values);
    }

    /** Gives an integer input its value, row-major; see {@link #write(String, Tensor)}. */
    public void write(String input, int[] values) {
        io.write(input, values);
    }

    /**
     * Runs all stages.
     *
     * @throws IllegalStateException if the program or its parameters are closed, in use by another thread, or an input was
     *     not written since another program took the arena over
     * @throws ValueException if a value is not accepted: a label out of range, or a loss or gradient that is not finite. No
     *     parameter has changed then.
     */
    public void run() {
        access.enter();
        try {
            run(tenancy.bound().all(), null, 0);
        } finally {
            access.leave();
        }
    }

    /**
     * Runs one stage; the earlier ones have run before it, and nobody has given parameters other values or trained them since. See
     * {@link #run()}.
     */
    public void run(String stage) {
        access.enter();
        try {
            run(tenancy.bound().stage(stage), null, 0);
        } finally {
            access.leave();
        }
    }

    private void run(Stages some, Executable.@Nullable Profile profile, int run) {
        try {
            long entered = state.store().enter(some.updates(), some.scalars());
            try {
                begin(some);
                access.requireOpen();
                if (profile == null) {
                    some.run(tenancy.bound().executable(), parameters.store(), state.store());
                } else {
                    some.run(profile, run, parameters.store(), state.store());
                }
                tenancy.ran(parameters.store());
                if (some.trains()) {
                    state.store().stepped();
                }
            } finally {
                parameters.store().leave(entered);
            }
        } catch (Diverged stopped) {
            throw diagnosis.of(stopped, some, inputs);
        }
    }

    private void begin(Stages some) {
        if (some.first()) {
            inputs.requireWritten();
            if (plan.draws()) {
                state.store().nextRun();
            }
            tenancy.begin();
        } else {
            tenancy.requireBegun(parameters.store());
        }
    }

    /**
     * A copy of an output of the last run.
     *
     * @throws IllegalStateException if there was none, or another program has run since in the same arena
     */
    public Tensor read(String output) {
        return io.read(output);
    }

    /** Copies a floating-point output of the last run. */
    public void read(String output, float[] into) {
        io.read(output, into);
    }

    /** The number of an output of one element of the last run. */
    public float scalar(String output) {
        return io.scalar(output);
    }

    /** What it was compiled to. */
    Plan plan() {
        return plan;
    }

    /** The bytes of native memory that runs compute in. */
    public long bytes() {
        return plan.memory().bytes();
    }

    /** Whether anything that the program computes depends on an input of this name. */
    public boolean reads(String input) {
        return inputs.contains(input);
    }

    /** The element type of an output. */
    public DType outputType(String output) {
        return outputs.get(output).type();
    }

    /** The shape of an input. */
    public Shape inputShape(String input) {
        return inputs.get(input).shape();
    }

    /** What runs change and depend on beside the parameters and the inputs: steps, random numbers, the learning rate. */
    public RunState state() {
        return state;
    }

    /** What the program does: a line per step, and what it needs. */
    public Explanation explain() {
        return Explanation.of(plan, step -> 0);
    }

    /**
     * Runs all stages some times, updates included, on the calling thread alone, and measures each step.
     *
     * @return the explanation with the median times of the steps
     */
    public Explanation profile(int runs) {
        if (runs < 1) {
            throw new IllegalArgumentException(Errors.runs(runs));
        }
        access.enter();
        try {
            Bound it = tenancy.bound();
            Executable.Profile profile = it.executable().profile(runs);
            for (int run = 0; run < runs; run++) {
                run(it.all(), profile, run);
            }
            return Explanation.of(plan, profile.micros());
        } finally {
            access.leave();
        }
    }

    /** Whether it is closed, so that nothing can be done with it any more. */
    public boolean isClosed() {
        return access.isClosed();
    }

    /** Frees what the program holds, once a run in another thread has ended. Closing again does nothing. */
    @Override
    public void close() {
        access.close(() -> {
            freed.clean();
            parameters.forget(this);
        });
    }

    /** Forgets everything that does not outlive a run, inputs included: tests see that nothing relies on what was there. */
    void poison() {
        access.enter();
        try {
            tenancy.bound().executable().poison();
            inputs.forget();
        } finally {
            access.leave();
        }
    }
}
