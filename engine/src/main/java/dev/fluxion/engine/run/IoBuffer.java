package dev.fluxion.engine.run;

import dev.fluxion.Tensor;
import dev.fluxion.engine.error.Errors;
import dev.fluxion.engine.kernel.Finite;
import dev.fluxion.ffi.Slice;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ValueException;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.Objects;

/** An input or output of a program with its memory, and what may go in and out. */
public final class IoBuffer {
    private static final int CHUNK = 1024;

    private final String name;
    private final Shape shape;
    private final DType type;
    private final boolean infinite;
    private final FloatBuffer floats;
    private final IntBuffer ints;
    private boolean written;
    private final float[] chunk;
    /** Zeros, or NaN where a number at this place of a chunk was not finite. */
    private final float[] marks;

    public IoBuffer(String name, Expr e, Slice slice) {
        this.name = name;
        this.shape = e.shape();
        this.type = e.dtype();
        this.infinite = e.op() instanceof Leaf.Input input && input.infinite();
        this.floats = slice.floats();
        this.chunk = new float[Math.min(CHUNK, shape.size())];
        this.marks = new float[chunk.length];
        this.ints = slice.ints();
    }

    String name() {
        return name;
    }

    public Shape shape() {
        return shape;
    }

    public DType type() {
        return type;
    }

    /** Whether it has a value. */
    boolean isWritten() {
        return written;
    }

    /** The first number of the last run. */
    public float first() {
        return floats.get(0);
    }

    /** Copies numbers of the last run, from the first on, to some place of an array. */
    public void get(float[] into, int from, int count) {
        floats.get(0, into, from, count);
    }

    /** The same for integers. */
    public void get(int[] into, int from, int count) {
        ints.get(0, into, from, count);
    }

    public void require(Tensor value) {
        if (!value.shape().equals(shape)) {
            throw new IllegalArgumentException(Errors.shape(name, shape, value.shape()));
        }
        require(value.dtype(), value.size());
    }

    public void require(DType actual, int count) {
        if (type != actual) {
            throw new IllegalArgumentException(Errors.type(name, type, actual));
        }
        if (count != shape.size()) {
            throw new IllegalArgumentException(Errors.count(name, shape.size(), count));
        }
    }

    /** The number of elements of a row, along the first axis. */
    public int row() {
        return shape.size() / shape.dim(0);
    }

    public void requireRows(Tensor value, int from, int rows) {
        Shape whole = value.shape();
        Objects.checkFromIndexSize(from, rows, whole.dim(0));
        boolean fits = whole.equals(shape) || whole.with(0, shape.dim(0)).equals(shape);
        if (rows > shape.dim(0) || !fits) {
            throw new IllegalArgumentException(Errors.shape(name, shape.with(0, rows), whole.with(0, rows)));
        }
        require(value.dtype(), shape.size());
    }

    /**
     * Takes some rows over, of which the last one is repeated to the end. They are looked at in passing, when they have been copied: another
     * thread may change the array meanwhile.
     *
     * @param whole the shape of all values, for complaints
     */
    public void put(float[] values, int from, int count, Shape whole) {
        written = false;
        for (int done = 0; done < count; ) {
            int n = Math.min(chunk.length, count - done);
            System.arraycopy(values, from + done, chunk, 0, n);
            Finite.mark(marks, chunk, n);
            floats.put(done, chunk, 0, n);
            done += n;
        }
        if (!Finite.isFinite(marks, marks.length)) {
            Arrays.fill(marks, 0);
            refuse(from, count, whole);
        }
        repeat(count);
        written = true;
    }

    /** Refuses the first number that is not allowed. */
    private void refuse(int from, int count, Shape whole) {
        for (int i = 0; i < count; i++) {
            float value = floats.get(i);
            if (Float.isNaN(value) || !infinite && Float.isInfinite(value)) {
                throw new ValueException(Errors.notAllowed(name, infinite, value, from + i, whole));
            }
        }
    }

    /** Forgets the value: its memory may hold anything. */
    void forget() {
        written = false;
    }

    /** Repeats the last row that was taken over: rows that nobody reads are as sound as those that are read. */
    private void repeat(int count) {
        for (int to = count; to < shape.size(); to += row()) {
            ints.put(to, ints, count - row(), row());
        }
    }

    /** The same for integers. */
    public void put(int[] values, int from, int count) {
        written = false;
        ints.put(0, values, from, count);
        repeat(count);
        written = true;
    }

    public Tensor copy() {
        if (type == DType.INT) {
            int[] values = new int[shape.size()];
            ints.get(0, values);
            return Tensor.of(values, shape);
        }
        float[] values = new float[shape.size()];
        floats.get(0, values);
        return Tensor.of(values, shape);
    }
}
