package dev.fluxion.engine.store;

import dev.fluxion.Tensor;
import dev.fluxion.engine.error.Errors;
import dev.fluxion.ffi.Memory;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Slot;
import dev.fluxion.ir.Update;
import dev.fluxion.ir.ValueException;
import java.lang.ref.Cleaner;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What runs change beside the parameters: what is kept for each of them, in blocks of the geometry of the parameters' own, the
 * scalars of rules, and where the training is.
 */
public final class StateStore implements AutoCloseable {
    private final ParameterStore parameters;
    private final Set<Block> declared = new LinkedHashSet<>();
    private final Map<Block, Memory> blocks = new LinkedHashMap<>();
    private final Map<Block, Magnitude> magnitudes = new HashMap<>();
    /** What was given before there was a block for it. */
    private final Map<Slot, float[]> given = new LinkedHashMap<>();

    private final Cleaner.Cleanable memory;
    private final Position position = new Position();
    private final IdentityHashMap<Update.Rule, Scalars> scalars = new IdentityHashMap<>();
    /** Who evaluates scalars now: one thread at a time, since what it finds is kept for all programs of the training. */
    private final AtomicReference<@Nullable Thread> evaluating = new AtomicReference<>();

    private boolean closed;
    /** Whether an update may have spoilt what is kept. */
    private volatile boolean doubtful;

    /** A state before the first step, with nothing kept. */
    public StateStore(ParameterStore parameters) {
        this.parameters = parameters;
        this.memory = Freed.with(this, blocks.values());
    }

    /** Notes that tensors of this name are kept, zero until a step or somebody else changes them. */
    public synchronized void keep(Slot.Owner owner, String name) {
        declared.add(new Block(owner, name));
    }

    /** What may be kept: the slots that the programs of this state use, for every parameter. */
    public synchronized List<Slot> slots() {
        return declared.stream()
                .flatMap(b -> parameters.parameterNames().stream()
                        .map(p -> new Slot(Objects.requireNonNull(b.owner()), b.name(), p)))
                .toList();
    }

    /**
     * A copy of what is kept; zeros before the first step.
     *
     * @throws IllegalArgumentException if there is no such slot or parameter
     */
    public Tensor get(Slot slot) {
        float[] out = new float[require(slot).size()];
        parameters.reading(() -> copy(slot, out));
        return Tensor.of(out, parameters.shape(slot.parameter()));
    }

    private synchronized void copy(Slot slot, float[] out) {
        requireOpen();
        Memory block = blocks.get(Block.of(slot));
        float[] early = given.get(slot);
        if (block != null) {
            HeapCopy.read(parameters.layout(slot.parameter()), parameters.slice(slot.parameter(), block), out);
        } else if (early != null) {
            System.arraycopy(early, 0, out, 0, out.length);
        }
    }

    /**
     * Replaces what is kept, all of it or nothing. Another thread may change the arrays meanwhile.
     *
     * @throws IllegalArgumentException if there is no such slot or parameter, or a value has another shape or element type
     * @throws ValueException if a number is NaN or infinite
     */
    public void set(Map<Slot, Tensor> values) {
        Map<Slot, float[]> own = new LinkedHashMap<>();
        values.forEach((slot, value) -> {
            Shape shape = require(slot);
            Checks.requireFits(slot.toString(), shape, value);
            float[] copy = value.floats().clone();
            Checks.requireFinite(Errors.quoted(slot.toString()), copy, shape);
            own.put(slot, copy);
        });
        parameters.writing(() -> own.forEach(this::put));
    }

    /** Before the first program chooses how parameters lie, what is kept stays where it is. */
    private synchronized void put(Slot slot, float[] values) {
        requireOpen();
        Memory block = blocks.get(Block.of(slot));
        if (block == null) {
            given.put(slot, values);
        } else {
            HeapCopy.write(values, parameters.layout(slot.parameter()), parameters.slice(slot.parameter(), block));
            magnitude(Block.of(slot)).include(values, values.length);
        }
    }

    /**
     * Sets what is kept under a name to zero, for all parameters.
     *
     * @throws IllegalArgumentException if there is no such slot
     */
    public void zero(Slot.Owner owner, String name) {
        require(new Block(owner, name));
        parameters.writing(() -> clear(new Block(owner, name)));
    }

    private synchronized void clear(Block key) {
        requireOpen();
        given.keySet().removeIf(slot -> Block.of(slot).equals(key));
        Memory block = blocks.get(key);
        if (block != null) {
            FloatBuffer floats = block.slice().floats();
            for (int i = 0; i < floats.capacity(); i++) {
                floats.put(i, 0);
            }
            magnitudes.computeIfAbsent(key, k -> new Magnitude()).know(0, true);
        }
    }

    private Shape require(Slot slot) {
        require(Block.of(slot));
        parameters.requireParameter(slot.parameter());
        return parameters.shape(slot.parameter());
    }

    private synchronized void require(Block block) {
        if (!declared.contains(block)) {
            throw new IllegalArgumentException(Errors.unknown(
                    "slot", block.name(), declared.stream().map(Block::name).toList()));
        }
    }

    /** The block of a slot and of those of the other parameters, which programs use from now on. */
    synchronized Memory block(Block block) {
        declared.add(block);
        return allocated(block);
    }

    /** What is known of a slot and those of the other parameters, under the parameters' lock. */
    synchronized Magnitude magnitude(Block block) {
        return magnitudes.computeIfAbsent(block, b -> new Magnitude());
    }

    /** Notes that an update may have spoilt what is kept. */
    public void doubt() {
        doubtful = true;
    }

    private void requireSound() {
        if (doubtful) {
            look();
        }
    }

    private synchronized void look() {
        blocks.forEach((block, memory) -> {
            Magnitude found = new Magnitude();
            found.measure(memory.slice().floats());
            if (Double.isInfinite(found.most())) {
                throw new IllegalStateException(Errors.stateNotFinite(block.name()));
            }
        });
        doubtful = false;
    }

    private synchronized Memory allocated(Block block) {
        requireOpen();
        Memory known = blocks.get(block);
        if (known != null) {
            return known;
        }
        Memory allocated = parameters.allocate();
        blocks.put(block, allocated);
        List.copyOf(given.keySet()).stream()
                .filter(slot -> Block.of(slot).equals(block))
                .forEach(slot -> put(slot, Objects.requireNonNull(given.remove(slot))));
        return allocated;
    }

    /** Gives up the blocks, of a geometry that is no longer that of the parameters, and with them what was kept. */
    public synchronized void empty() {
        blocks.values().forEach(Memory::close);
        blocks.clear();
        magnitudes.values().forEach(Magnitude::forget);
    }

    /** Where the training is, for kernels. */
    public Position position() {
        return position;
    }

    /** The scalars of a rule, which is a user's function and may ask this state anything meanwhile. */
    public Scalars scalars(Update.Rule rule) {
        synchronized (this) {
            Scalars known = scalars.get(rule);
            if (known != null) {
                return known;
            }
        }
        Scalars made = new Scalars(rule);
        synchronized (this) {
            Scalars meanwhile = scalars.putIfAbsent(rule, made);
            return meanwhile == null ? made : meanwhile;
        }
    }

    /**
     * Waits until the parameters may be read, or changed by a step whose scalars are these; what it gives is to be given back.
     * The scalars, users' functions, are evaluated before, while nobody has to wait for them.
     *
     * @throws ValueException if one of them fails or is not finite
     * @throws IllegalStateException if the parameters are spoilt, or one of the scalars, or another thread, has begun a step
     *     of this training meanwhile
     */
    public long enter(boolean changes, Scalars[] needed) {
        long step = evaluate(needed);
        long access = parameters.enter(changes);
        try {
            parameters.requireSound();
            if (changes) {
                publish(needed, step);
            }
            return access;
        } catch (RuntimeException e) {
            parameters.leave(access);
            throw e;
        }
    }

    /** Evaluates scalars for the step to come, whose number it gives. */
    long evaluate(Scalars[] all) {
        long step = position.step();
        double rate = position.learningRate();
        if (all.length == 0) {
            return step;
        }
        if (!evaluating.compareAndSet(null, Thread.currentThread())) {
            throw new IllegalStateException(Errors.stepBegun());
        }
        try {
            for (Scalars one : all) {
                one.evaluate(step, rate);
            }
        } finally {
            evaluating.setRelease(null);
        }
        return step;
    }

    /** Lets kernels see the scalars of a step, while nobody else changes the parameters. */
    void publish(Scalars[] all, long step) {
        requireSound();
        if (step != position.step()) {
            throw new IllegalStateException(Errors.stepBegun());
        }
        for (Scalars one : all) {
            one.publish();
        }
    }

    /** Refuses to use the programs of this state in a scalar of its own. */
    public void requireNotEvaluating() {
        Thread thread = evaluating.get();
        if (thread != null && thread.equals(Thread.currentThread())) {
            throw new IllegalStateException(Errors.stepBegun());
        }
    }

    /** Notes that a step is done. */
    public void stepped() {
        position.stepped();
    }

    /** Goes on to other random numbers. */
    public void nextRun() {
        position.draw();
    }

    /** An interpreter that draws the random numbers of the present run. */
    public Interpreter interpreter() {
        return new Interpreter().seed(position.seed()).step(position.draws());
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException(Errors.stateClosed());
        }
    }

    /** Frees what is kept; no program of this state may run any more. Closing again does nothing. */
    @Override
    public synchronized void close() {
        closed = true;
        memory.clean();
        blocks.clear();
        given.clear();
    }
}
