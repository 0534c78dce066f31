package dev.fluxion.engine.store;

import dev.fluxion.Tensor;
import dev.fluxion.engine.error.Errors;
import dev.fluxion.engine.plan.TensorLayout;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Memory;
import dev.fluxion.ffi.Slice;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Shape;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.StampedLock;
import org.jspecify.annotations.Nullable;

/**
 * The values of a model's parameters and buffers. They lie one after the other in two native blocks, each in the layout that
 * the first program's kernels want, so that an update is a pass over flat memory. Plain layout exists only here, when values
 * are read and written.
 *
 * <p>A run that changes them waits for other runs, for readers and writers, and they for it.
 */
public final class ParameterStore implements AutoCloseable {
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final ValueBlock parameters = new ValueBlock();
    private final ValueBlock buffers = new ValueBlock();
    private final Cleaner.Cleanable memory = Freed.with(this, List.of(parameters, buffers));
    private final PackedWeights packed = new PackedWeights();
    private final StampedLock access = new StampedLock();
    private boolean fixed;
    private boolean closed;
    private final Versions versions = new Versions();
    private final Health health = new Health();

    /** A parameter or buffer: its first value until it lies in native memory, and where it lies there. */
    private static final class Entry {
        private final Shape shape;
        private final ValueBlock block;
        private float[] initial;
        private @Nullable Layout layout;
        private long offset;

        Entry(Shape shape, ValueBlock block, float[] initial) {
            this.shape = shape;
            this.block = block;
            this.initial = initial;
        }
    }

    /** Adds a parameter or a buffer, before any program is compiled. */
    public void add(String name, Shape shape, float[] initial, boolean buffer) {
        entries.put(name, new Entry(shape, buffer ? buffers : parameters, initial));
    }

    /** The names of parameters and buffers, in the order of declaration. */
    private Collection<String> names() {
        return entries.keySet().stream().toList();
    }

    /** The names of the parameters, in the order of declaration. */
    public Collection<String> parameterNames() {
        return names(parameters);
    }

    /** The names of the buffers, in the order of declaration. */
    public Collection<String> bufferNames() {
        return names(buffers);
    }

    private Collection<String> names(ValueBlock block) {
        return entries.entrySet().stream()
                .filter(e -> e.getValue().block == block)
                .map(Map.Entry::getKey)
                .toList();
    }

    /**
     * Requires that a variable of a graph is what its name is here: a parameter, what is kept beside one, or a buffer.
     *
     * @throws IllegalArgumentException if it is something else
     */
    public void requireRole(Leaf.Variable variable) {
        boolean buffer = variable instanceof Leaf.Buffer;
        if (buffer != (entry(variable.parameter()).block == buffers)) {
            throw new IllegalArgumentException(Errors.otherRole(variable.parameter(), buffer));
        }
    }

    /** The shape of a parameter or buffer. */
    public Shape shape(String name) {
        return entry(name).shape;
    }

    /** The shapes by name, in the order of declaration. */
    public Map<String, Shape> shapes() {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        entries.forEach((name, entry) -> shapes.put(name, entry.shape));
        return shapes;
    }

    /** The bytes of native memory that the values take, with the copies of them in the layouts that programs want. */
    public synchronized long bytes() {
        return parameters.bytes() + buffers.bytes() + packed.bytes();
    }

    /** A copy of the value of a parameter or buffer. */
    public Tensor get(String name) {
        Entry entry = entry(name);
        float[] out = new float[entry.shape.size()];
        reading(() -> copy(entry, out));
        return Tensor.of(out, entry.shape);
    }

    private synchronized void copy(Entry entry, float[] out) {
        requireOpen();
        if (fixed) {
            HeapCopy.read(layout(entry), slice(entry), out);
        } else {
            System.arraycopy(entry.initial, 0, out, 0, out.length);
        }
    }

    /**
     * Gives some parameters and buffers values, in which there may be NaN and infinities; nothing changes unless all names and shapes fit.
     *
     * @throws IllegalArgumentException if there is no such parameter or buffer, or a value is null or of another shape or element
     *     type
     */
    public void setWithNaN(Map<String, Tensor> values) {
        values.forEach(this::requireFit);
        writing(() -> {
            values.forEach(this::put);
            versions.changed(true);
        });
    }

    /**
     * Requires a value of a parameter.
     *
     * @throws IllegalArgumentException if there is no such parameter, or the value is null or of another shape or element type
     */
    public void requireFit(String name, Tensor value) {
        Entry entry = entry(name);
        Checks.requireFits(name, entry.shape, Given.require("set", "the value of '" + name + "'", value));
    }

    /** The numbers are copied first: what is known of them is known of those that are written. */
    private synchronized void put(String name, Tensor value) {
        requireOpen();
        Entry entry = entry(name);
        float[] own = value.floats().clone();
        if (fixed) {
            HeapCopy.write(own, layout(entry), slice(entry));
            entry.block.magnitude().include(own, own.length);
        } else {
            entry.initial = own;
        }
        health.mend(name);
    }

    /** What is known of the values of a block, under the lock. */
    Magnitude magnitude(Block block) {
        return values(block).magnitude();
    }

    private ValueBlock values(Block block) {
        return block.equals(Block.BUFFERS) ? buffers : parameters;
    }

    /** Notes that an update has spoilt the values. */
    public void spoil(String message) {
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
    public void leave(long stamp) {
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
    public void writing(Runnable what) {
        long stamp = enter(true);
        try {
            what.run();
            versions.changed(false);
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

    /** Refuses whoever asks for values from now on. */
    public synchronized void refuse() {
        closed = true;
    }

    /** Frees the memory; whoever asks for values from now on is refused. */
    @Override
    public synchronized void close() {
        refuse();
        memory.clean();
        entries.values().forEach(entry -> entry.initial = new float[0]);
    }

    public synchronized void requireOpen() {
        if (closed) {
            throw new IllegalStateException(Errors.parametersClosed());
        }
    }

    /** What programs make of the values. */
    public PackedWeights packed() {
        return packed;
    }

    /** Whether the layouts have been chosen for good, and the values lie in native memory. */
    public synchronized boolean isFixed() {
        return fixed;
    }

    /** Lets go of the first values, once they lie in native memory for good. */
    public synchronized void settle() {
        if (fixed) {
            entries.values().forEach(entry -> entry.initial = new float[0]);
        }
    }

    /** Goes back to where no layout was chosen. */
    public synchronized void undo() {
        fixed = false;
        parameters.close();
        buffers.close();
        entries.values().forEach(entry -> entry.layout = null);
    }

    /** Which values they are. */
    public Versions versions() {
        return versions;
    }

    /** The layout of a parameter; the first to ask chooses it. */
    public synchronized Layout layout(String name, Layout requested) {
        Entry entry = entry(name);
        Layout chosen = entry.layout;
        if (chosen == null) {
            chosen = fixed ? plain(entry.shape) : requested;
            entry.layout = chosen;
        }
        return chosen;
    }

    /** The layout of a parameter, row-major if nobody has chosen one. */
    public Layout layout(String name) {
        return layout(name, plain(entry(name).shape));
    }

    /** What belongs to a parameter in a block of the parameters' geometry. */
    Slice slice(String name, Memory block) {
        return slice(entry(name), block);
    }

    /** Where a parameter or buffer starts in its block, in bytes. */
    public synchronized long offset(String name) {
        fix();
        return entry(name).offset;
    }

    /** Where a parameter ends in its block, with the gap up to the next one. */
    public synchronized long end(String name) {
        Entry entry = entry(name);
        return offset(name)
                + ValueBlock.aligned(Objects.requireNonNull(entry.layout).bytes());
    }

    /** The bytes of a parameter itself, without the gap up to the next one. */
    public synchronized long bytes(String name) {
        fix();
        return Objects.requireNonNull(entry(name).layout).bytes();
    }

    /** A block of the values. */
    synchronized Memory block(Block block) {
        requireOpen();
        fix();
        return values(block).memory();
    }

    /** Another block of the geometry of the parameters, of zeros. */
    synchronized Memory allocate() {
        requireOpen();
        fix();
        return parameters.allocate();
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
            entry.offset = entry.block.append(entry.layout.bytes());
        }
        parameters.fix();
        buffers.fix();
        fixed = true;
        for (Entry entry : entries.values()) {
            HeapCopy.write(entry.initial, layout(entry), slice(entry));
        }
    }

    private static Layout plain(Shape shape) {
        return TensorLayout.plain(shape, Layout.Type.F32);
    }

    private Entry entry(String name) {
        Entry entry = entries.get(name);
        if (entry == null) {
            throw new IllegalArgumentException(Errors.unknown("parameter", name, names()));
        }
        return entry;
    }

    /**
     * Requires a parameter, which is no buffer.
     *
     * @throws IllegalArgumentException if there is no such parameter
     */
    void requireParameter(String name) {
        if (entry(name).block != parameters) {
            throw new IllegalArgumentException(Errors.unknown("parameter", name, parameterNames()));
        }
    }

    private static Layout layout(Entry entry) {
        return Objects.requireNonNull(entry.layout);
    }

    private static Slice slice(Entry entry) {
        return slice(entry, entry.block.memory());
    }

    private static Slice slice(Entry entry, Memory block) {
        return block.slice(entry.offset, layout(entry).bytes());
    }
}
