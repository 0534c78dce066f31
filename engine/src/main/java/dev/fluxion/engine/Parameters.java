package dev.fluxion.engine;

import dev.fluxion.Scope;
import dev.fluxion.Tensor;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Memory;
import dev.fluxion.ffi.Slice;
import dev.fluxion.io.Loading;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Noise;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Update;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.StampedLock;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a model with what optimizers keep for them, shared by all programs compiled with them. They lie one
 * after the other in native blocks, each in the layout that the first program's kernels want, so that an update is a pass
 * over flat memory. Plain layout exists only here, when values are read and written.
 *
 * <p>Any thread may read and write them: a run that changes them waits for other runs, for readers and writers, and they
 * for it. Closing closes the programs, too.
 */
public final class Parameters implements AutoCloseable {
    private static final long ALIGNMENT = 64;
    private static final String VALUE = "";

    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final Map<String, Memory> blocks = new LinkedHashMap<>();
    private final List<Program> programs = new ArrayList<>();
    private final StampedLock access = new StampedLock();
    private boolean fixed;
    private boolean closed;
    private long bytes;
    private final AtomicLong version = new AtomicLong();
    private final AtomicLong step = new AtomicLong(1);
    private final AtomicLong runs = new AtomicLong(1);

    private Parameters() {}

    /** The parameters that layers declared, with their first values drawn from {@code seed}. */
    public static Parameters of(Scope scope, long seed) {
        Parameters parameters = new Parameters();
        for (Scope.Parameter declared : scope.parameters().values()) {
            Shape shape = declared.expr().shape();
            float[] values = new float[shape.size()];
            long key = Noise.key(seed, 0, declared.name().hashCode());
            declared.initializer().fill(values, shape, new SplittableRandom(key));
            parameters.entries.put(declared.name(), new Entry(shape, values));
        }
        return parameters;
    }

    /** Parameters with the given values. */
    public static Parameters of(Map<String, Tensor> values) {
        Parameters parameters = new Parameters();
        values.forEach((name, t) ->
                parameters.entries.put(name, new Entry(t.shape(), t.floats().clone())));
        return parameters;
    }

    /** The names, in the order of declaration. */
    public Collection<String> names() {
        return entries.keySet().stream().toList();
    }

    /** The shape of a parameter. */
    public Shape shape(String name) {
        return entry(name).shape;
    }

    /** The shapes by name, in the order of declaration. */
    public Map<String, Shape> shapes() {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        entries.forEach((name, entry) -> shapes.put(name, entry.shape));
        return shapes;
    }

    /** The number of elements of all parameters. */
    public long count() {
        return entries.values().stream().mapToLong(e -> e.shape.size()).sum();
    }

    /** How many training steps were made: runs that changed parameters. */
    public long steps() {
        return step.get() - 1;
    }

    /** A copy of a parameter's value. */
    public Tensor get(String name) {
        return slot(name, VALUE);
    }

    /** A copy of what an optimizer keeps for a parameter, as {@code momentum_buffer}; zeros before the first update. */
    public Tensor slot(String name, String slot) {
        Entry entry = entry(name);
        float[] out = new float[entry.shape.size()];
        long stamp = enter(false);
        try {
            copy(entry, slot, out);
        } finally {
            leave(stamp);
        }
        return Tensor.of(out, entry.shape);
    }

    private synchronized void copy(Entry entry, String slot, float[] out) {
        requireOpen();
        if (fixed) {
            HeapCopy.read(layout(entry), slice(entry, slot), out);
        } else if (slot.equals(VALUE)) {
            System.arraycopy(entry.initial, 0, out, 0, out.length);
        }
    }

    /**
     * Gives a parameter a value.
     *
     * @throws IllegalArgumentException if there is no such parameter, or the value is null, of another shape or element type
     *     or not finite
     */
    public void set(String name, Tensor value) {
        requireFit(name, value);
        for (int i = 0; i < value.size(); i++) {
            if (!Float.isFinite(value.floats()[i])) {
                throw new IllegalArgumentException(Errors.notFinite(name, value.floats()[i], i, value.shape()));
            }
        }
        setWithNaN(Map.of(name, value));
    }

    /**
     * Gives some parameters values, in which there may be NaN and infinities; nothing changes unless all names and shapes fit.
     *
     * @throws IllegalArgumentException if there is no such parameter, or a value is null or of another shape or element type
     */
    public void setWithNaN(Map<String, Tensor> values) {
        Given.require("set", "the map of values", values).forEach(this::requireFit);
        long stamp = enter(true);
        try {
            values.forEach((name, value) -> put(entry(name), value.floats()));
            version.incrementAndGet();
        } finally {
            leave(stamp);
        }
    }

    private void requireFit(String name, Tensor value) {
        Entry entry = entry(name);
        Given.require("set", "the value of '" + name + "'", value);
        if (!value.shape().equals(entry.shape)) {
            throw new IllegalArgumentException(Errors.shape(name, entry.shape, value.shape()));
        }
        if (value.dtype() != DType.FLOAT) {
            throw new IllegalArgumentException(Errors.type(name, DType.FLOAT, value.dtype()));
        }
    }

    private synchronized void put(Entry entry, float[] values) {
        requireOpen();
        if (fixed) {
            HeapCopy.write(values, layout(entry), slice(entry, VALUE));
        } else {
            System.arraycopy(values, 0, entry.initial, 0, entry.initial.length);
        }
    }

    /** Waits until the parameters may be read, or changed; what it gives is to be given back. */
    long enter(boolean changes) {
        return changes ? access.writeLock() : access.readLock();
    }

    /** Lets others read and change the parameters. */
    void leave(long stamp) {
        access.unlock(stamp);
    }

    /** Copies of all values by name, all of the same moment. */
    public Map<String, Tensor> values() {
        Map<String, Tensor> all = new LinkedHashMap<>();
        long stamp = enter(false);
        try {
            entries.forEach((name, entry) -> {
                float[] out = new float[entry.shape.size()];
                copy(entry, VALUE, out);
                all.put(name, Tensor.of(out, entry.shape));
            });
        } finally {
            leave(stamp);
        }
        return all;
    }

    /**
     * Gives every parameter its value; nothing changes unless all names and shapes fit.
     *
     * @throws IllegalArgumentException if there is no map, or a parameter is missing or unknown, its shape or element type is
     *     another, or it is not finite; all such parameters are named
     */
    public void load(Map<String, Tensor> values) {
        Loading.strict().load(values, shapes(), this::setWithNaN);
    }

    /** Closes all programs compiled with these parameters, waiting for runs to end, and frees the memory. */
    @Override
    public void close() {
        List<Program> open;
        synchronized (this) {
            closed = true;
            open = List.copyOf(programs);
        }
        open.forEach(Program::close);
        synchronized (this) {
            blocks.values().forEach(Memory::close);
        }
    }

    synchronized void requireOpen() {
        if (closed) {
            throw new IllegalStateException(Errors.parametersClosed());
        }
    }

    synchronized void register(Program program) {
        requireOpen();
        programs.add(program);
    }

    synchronized void forget(Program program) {
        programs.remove(program);
    }

    long nextRun() {
        return runs.getAndIncrement();
    }

    /** Sets what an optimizer keeps for all parameters back to zero. */
    public void zero(String slot) {
        long stamp = enter(true);
        try {
            clear(slot);
            version.incrementAndGet();
        } finally {
            leave(stamp);
        }
    }

    private synchronized void clear(String slot) {
        requireOpen();
        if (fixed) {
            FloatBuffer floats = block(slot).slice().floats();
            for (int i = 0; i < floats.capacity(); i++) {
                floats.put(i, 0);
            }
        }
    }

    long version() {
        return version.get();
    }

    long step() {
        return step.get();
    }

    /** Notes that values, or what optimizers keep, are others now. */
    void changed() {
        version.incrementAndGet();
    }

    /** Notes that a training step is done. */
    void stepped() {
        step.incrementAndGet();
    }

    /** The layout of a parameter; the first to ask chooses it. */
    synchronized Layout layout(String name, Layout wanted) {
        Entry entry = entry(name);
        Layout chosen = entry.layout;
        if (chosen == null) {
            chosen = fixed ? plain(entry.shape) : wanted;
            entry.layout = chosen;
        }
        return chosen;
    }

    /** A parameter, or what an optimizer keeps for it, in its layout. */
    Buffer buffer(String name, String slot) {
        Entry entry = entry(name);
        Layout layout = layout(name, plain(entry.shape));
        String full = slot.isEmpty() ? name : Update.slot(name, slot);
        return Buffer.fixed(full, layout, () -> block(slot).slice(entry.offset, layout.bytes()));
    }

    /** Where a parameter starts in its block, in bytes. */
    synchronized long offset(String name) {
        fix();
        return entry(name).offset;
    }

    /** Where a parameter ends in its block, with the gap up to the next one. */
    synchronized long end(String name) {
        Entry entry = entry(name);
        return offset(name) + aligned(Objects.requireNonNull(entry.layout).bytes());
    }

    /** The bytes of a parameter itself, without the gap up to the next one. */
    synchronized long bytes(String name) {
        fix();
        return Objects.requireNonNull(entry(name).layout).bytes();
    }

    /** The block of a slot. */
    synchronized Memory block(String slot) {
        requireOpen();
        fix();
        return blocks.computeIfAbsent(slot, s -> Memory.allocate(bytes));
    }

    private void fix() {
        if (fixed) {
            return;
        }
        requireOpen();
        fixed = true;
        for (Entry entry : entries.values()) {
            if (entry.layout == null) {
                entry.layout = plain(entry.shape);
            }
            entry.offset = bytes;
            bytes += aligned(entry.layout.bytes());
        }
        for (Entry entry : entries.values()) {
            HeapCopy.write(entry.initial, layout(entry), slice(entry, VALUE));
            entry.initial = new float[0];
        }
    }

    private static long aligned(long size) {
        return (size + ALIGNMENT - 1) & -ALIGNMENT;
    }

    private static Layout plain(Shape shape) {
        return Lowering.plain(shape, Layout.Type.F32);
    }

    private Entry entry(String name) {
        Entry entry = entries.get(name);
        if (entry == null) {
            throw new IllegalArgumentException(Errors.unknown("parameter", name, names()));
        }
        return entry;
    }

    private static Layout layout(Entry entry) {
        return Objects.requireNonNull(entry.layout);
    }

    private Slice slice(Entry entry, String slot) {
        return block(slot).slice(entry.offset, layout(entry).bytes());
    }

    private static final class Entry {
        private final Shape shape;
        private float[] initial;
        private @Nullable Layout layout;
        private long offset;

        Entry(Shape shape, float[] initial) {
            this.shape = shape;
            this.initial = initial;
        }
    }
}
