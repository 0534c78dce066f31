package dev.fluxion.engine;

import dev.fluxion.Scope;
import dev.fluxion.Tensor;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Memory;
import dev.fluxion.ffi.Slice;
import dev.fluxion.io.Loading;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.StampedLock;
import java.util.function.Supplier;

/**
 * The parameters of a model, shared by all programs compiled with them. They lie one after the other in a native block, each
 * in the layout that the first program's kernels want, so that an update is a pass over flat memory. Plain layout exists
 * only here, when values are read and written. What a training keeps beside them is in its {@link RunState}.
 *
 * <p>Any thread may read and write them: a run that changes them waits for other runs, for readers and writers, and they
 * for it. Closing closes the programs, too.
 */
public final class Parameters implements AutoCloseable {
    private static final long ALIGNMENT = 64;

    private final Map<String, Entry> entries = new LinkedHashMap<>();
    /** The block of the values, once it is there. */
    private final List<Memory> blocks = new ArrayList<>(1);

    private final Cleaner.Cleanable memory = Freed.with(this, blocks);
    private final PackedWeights packed = new PackedWeights();
    private final Plans plans = new Plans();
    private final Cleaner.Cleanable planned = Freed.with(this, plans.held());
    /** Programs and states that have not been closed and that somebody can reach. */
    private final Set<AutoCloseable> dependents = Collections.newSetFromMap(new WeakHashMap<>());

    private final StampedLock access = new StampedLock();
    private final Object compiling = new Object();
    private boolean fixed;
    private boolean closed;
    private long bytes;
    private final AtomicLong version = new AtomicLong();
    private final Magnitude magnitude = new Magnitude();
    private final Health health = new Health();

    private Parameters() {}

    /**
     * The parameters that layers declared, with their first values drawn from {@code seed}.
     *
     * @throws IllegalArgumentException if an initializer fails, or gives a number that is not finite
     */
    public static Parameters of(Scope scope, long seed) {
        Parameters parameters = new Parameters();
        scope.parameters()
                .forEach((name, declared) -> parameters.entries.put(
                        name, new Entry(declared.expr().shape(), FirstValues.of(declared, seed))));
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

    /** The bytes of native memory that the values take, with the copies of them in the layouts that programs want. */
    public synchronized long bytes() {
        return blocks.stream().mapToLong(Memory::bytes).sum() + packed.bytes();
    }

    /** A copy of a parameter's value. */
    public Tensor get(String name) {
        Entry entry = entry(name);
        float[] out = new float[entry.shape.size()];
        reading(() -> copy(entry, out));
        return Tensor.of(out, entry.shape);
    }

    private synchronized void copy(Entry entry, float[] out) {
        requireOpen();
        if (fixed) {
            HeapCopy.read(layout(entry), slice(entry, block()), out);
        } else {
            System.arraycopy(entry.initial, 0, out, 0, out.length);
        }
    }

    /**
     * Gives a parameter a value. Values that an update has spoilt are sound again when each is given one.
     *
     * @throws IllegalArgumentException if there is no such parameter, or the value is null, of another shape or element type
     *     or not finite
     */
    public void set(String name, Tensor value) {
        requireFit(name, value);
        Tensor own = own(value);
        FiniteCheck.requireFinite(name, own.floats(), own.shape());
        setWithNaN(Map.of(name, own));
    }

    /** A copy, which no other thread changes while it is looked at. */
    private static Tensor own(Tensor value) {
        return value == null || value.dtype() == DType.INT
                ? value
                : Tensor.of(value.floats().clone(), value.shape());
    }

    /**
     * Gives some parameters values, in which there may be NaN and infinities; nothing changes unless all names and shapes fit.
     *
     * @throws IllegalArgumentException if there is no such parameter, or a value is null or of another shape or element type
     */
    public void setWithNaN(Map<String, Tensor> values) {
        Given.require("set", "the map of values", values).forEach(this::requireFit);
        writing(() -> values.forEach(this::put));
    }

    private void requireFit(String name, Tensor value) {
        Entry entry = entry(name);
        Given.require("set", "the value of '" + name + "'", value);
        requireFits(name, entry.shape, value);
    }

    /** Requires a value of a shape. */
    static void requireFits(String name, Shape shape, Tensor value) {
        if (!value.shape().equals(shape)) {
            throw new IllegalArgumentException(Errors.shape(name, shape, value.shape()));
        }
        if (value.dtype() != DType.FLOAT) {
            throw new IllegalArgumentException(Errors.type(name, DType.FLOAT, value.dtype()));
        }
    }

    /** The numbers are copied first: what is known of them is known of those that are written. */
    private synchronized void put(String name, Tensor value) {
        requireOpen();
        Entry entry = entry(name);
        float[] own = value.floats().clone();
        if (fixed) {
            HeapCopy.write(own, layout(entry), slice(entry, block()));
            magnitude.include(own, own.length);
        } else {
            entry.initial = own;
        }
        health.mend(name);
    }

    /** What is known of the values, under the lock. */
    Magnitude magnitude() {
        return magnitude;
    }

    /** Notes that an update has spoilt the values. */
    void spoil(String message) {
        health.spoil(message, entries.keySet());
    }

    /**
     * Refuses values that an update has spoilt.
     *
     * @throws IllegalStateException that tells which update
     */
    void requireSound() {
        health.require();
    }

    /** Waits until the parameters may be read, or changed; what it gives is to be given back. */
    long enter(boolean changes) {
        return changes ? access.writeLock() : access.readLock();
    }

    /** Lets others read and change the parameters. */
    void leave(long stamp) {
        try {
            access.unlock(stamp);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** Does something while nobody changes the parameters. */
    void reading(Runnable what) {
        long stamp = enter(false);
        try {
            requireSound();
            what.run();
        } finally {
            leave(stamp);
        }
    }

    /** Changes something while nobody else reads or changes the parameters. */
    void writing(Runnable what) {
        long stamp = enter(true);
        try {
            what.run();
            version.incrementAndGet();
        } finally {
            leave(stamp);
        }
    }

    /** Copies of all values by name, all of the same moment. */
    public Map<String, Tensor> values() {
        Map<String, Tensor> all = new LinkedHashMap<>();
        reading(() -> entries.forEach((name, entry) -> {
            float[] out = new float[entry.shape.size()];
            copy(entry, out);
            all.put(name, Tensor.of(out, entry.shape));
        }));
        return all;
    }

    /**
     * Gives every parameter its value; nothing changes unless all names and shapes fit.
     *
     * @throws IllegalArgumentException if there is no map, or a parameter is missing or unknown, its shape or element type is
     *     another, or it is not finite; all such parameters are named
     */
    public void load(Map<String, Tensor> values) {
        Map<String, Tensor> own = new LinkedHashMap<>(Given.require("load", "the map of values", values));
        own.replaceAll((name, value) -> own(value));
        Loading.strict().load(own, shapes(), this::setWithNaN);
    }

    /** Closes all programs compiled with these parameters, waiting for runs to end, and frees the memory. */
    @Override
    public void close() {
        List<AutoCloseable> open;
        synchronized (this) {
            closed = true;
            open = List.copyOf(dependents);
        }
        open.stream().filter(Program.class::isInstance).forEach(p -> ((Program) p).close());
        open.stream().filter(RunState.class::isInstance).forEach(s -> ((RunState) s).close());
        plans.close();
        planned.clean();
        synchronized (this) {
            memory.clean();
            blocks.clear();
            entries.values().forEach(entry -> entry.initial = new float[0]);
        }
    }

    synchronized void requireOpen() {
        if (closed) {
            throw new IllegalStateException(Errors.parametersClosed());
        }
    }

    /**
     * Compiles, one program after the other, since the first one chooses how parameters lie. If that one fails, nothing is
     * chosen.
     */
    Program compiling(Supplier<Program> compile) {
        synchronized (compiling) {
            boolean first = !isFixed();
            try {
                Program program = compile.get();
                settle();
                return program;
            } catch (RuntimeException | Error e) {
                if (first) {
                    writing(this::undo);
                }
                throw e;
            }
        }
    }

    /** What programs make of the values. */
    PackedWeights packed() {
        return packed;
    }

    /** The plans of programs that were compiled before. */
    Plans plans() {
        return plans;
    }

    private synchronized boolean isFixed() {
        return fixed;
    }

    /** Lets go of the first values, once they lie in native memory for good. */
    private synchronized void settle() {
        if (fixed) {
            entries.values().forEach(entry -> entry.initial = new float[0]);
        }
    }

    /** Goes back to where no layout was chosen. */
    private synchronized void undo() {
        fixed = false;
        plans.clear();
        magnitude.forget();
        bytes = 0;
        blocks.forEach(Memory::close);
        blocks.clear();
        entries.values().forEach(entry -> entry.layout = null);
        dependents.stream().filter(RunState.class::isInstance).forEach(s -> ((RunState) s).empty());
    }

    /** Notes a program or a state that is to be closed with the parameters. */
    synchronized void register(AutoCloseable dependent) {
        requireOpen();
        dependents.add(dependent);
    }

    synchronized void forget(AutoCloseable dependent) {
        dependents.remove(dependent);
    }

    long version() {
        return version.get();
    }

    /** Notes that values, or what is kept beside them, are others now. */
    void changed() {
        version.incrementAndGet();
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

    /** The layout of a parameter, row-major if nobody has chosen one. */
    Layout layout(String name) {
        return layout(name, plain(entry(name).shape));
    }

    /** What belongs to a parameter in a block of the parameters' geometry. */
    Slice slice(String name, Memory block) {
        return slice(entry(name), block);
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

    /** The block of the values. */
    synchronized Memory block() {
        requireOpen();
        fix();
        return blocks.get(0);
    }

    /** Another block of the same geometry, of zeros. */
    synchronized Memory allocate() {
        requireOpen();
        fix();
        return Memory.allocate(bytes);
    }

    private void fix() {
        if (fixed) {
            return;
        }
        requireOpen();
        for (Entry entry : entries.values()) {
            if (entry.layout == null) {
                entry.layout = plain(entry.shape);
            }
            entry.offset = bytes;
            bytes += aligned(entry.layout.bytes());
        }
        blocks.add(Memory.allocate(bytes));
        fixed = true;
        for (Entry entry : entries.values()) {
            HeapCopy.write(entry.initial, layout(entry), slice(entry, blocks.get(0)));
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

    private static Slice slice(Entry entry, Memory block) {
        return block.slice(entry.offset, layout(entry).bytes());
    }
}
