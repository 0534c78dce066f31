package dev.fluxion.engine.run;

import dev.fluxion.Input;
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
import org.jspecify.annotations.Nullable;

/** An input or output of a program with its memory, and what may go in and out. */
public final class IoBuffer {
    private static final int CHUNK = 1024;

    private final String name;
    private final Shape shape;
    private final int row;
    private final DType type;
    private final boolean infinite;
    private FloatBuffer floats = FloatBuffer.allocate(0);
    private IntBuffer ints = IntBuffer.allocate(0);
    private boolean written;
    /** So many elements, from the first on, have a value. */
    private int known;

    private final float[] chunk;
    /** The sums of the squares of the numbers at each place of a chunk. */
    private final float[] sums;
    /** Tells the sum of all squares; null if nobody reads it. */
    private @Nullable Squares squares;

    /** One without memory, as those keep that have no elements. */
    IoBuffer(String name, Expr e) {
        this.name = name;
        this.shape = e.shape();
        this.row = shape.rank() == 0 ? 1 : shape.without(0).size();
        this.type = e.dtype();
        this.infinite = e.op() instanceof Leaf.Input input && input.infinite();
        this.chunk = new float[Math.min(CHUNK, shape.size())];
        this.sums = new float[chunk.length];
    }

    /** Gives it memory, and no value. */
    void bind(Slice slice, @Nullable Slice sum) {
        known = 0;
        written = false;
        floats = slice.floats();
        ints = slice.ints();
        squares = sum == null ? null : new Squares(sum.floats(), shape.size());
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

    /** Copies numbers of the last run to where a buffer stands, and leaves it there. */
    public void get(int at, FloatBuffer into, int from, int count) {
        into.put(into.position() + from, floats, at, count);
    }

    /** Copies numbers of the last run to some place of an array. */
    public void get(int at, float[] into, int from, int count) {
        floats.get(at, into, from, count);
    }

    /** The same for integers. */
    public void get(int at, int[] into, int from, int count) {
        ints.get(at, into, from, count);
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
        return row;
    }

    public void requireRows(int at, Tensor value, int from, int rows) {
        Shape whole = value.shape();
        Objects.checkFromIndexSize(from, rows, whole.dim(0));
        Objects.checkFromIndexSize(at, rows, shape.dim(0));
        if (!hasSuchRows(whole)) {
            throw new IllegalArgumentException(Errors.shape(name, shape.with(0, rows), whole.with(0, rows)));
        }
        require(value.dtype(), shape.size());
    }

    private boolean hasSuchRows(Shape whole) {
        boolean alike = whole.rank() == shape.rank();
        for (int axis = 1; alike && axis < shape.rank(); axis++) {
            alike = whole.dim(axis) == shape.dim(axis);
        }
        return alike;
    }

    /**
     * Takes some numbers over. They are looked at in passing, when they have been copied: another thread may change the array
     * meanwhile.
     *
     * @param at the place of the first one here
     * @param whole the shape of all values, for complaints
     */
    public void put(int at, float[] values, int from, int count, Shape whole) {
        int before = writing(at);
        for (int done = 0; done < count; ) {
            int n = Math.min(chunk.length, count - done);
            System.arraycopy(values, from + done, chunk, 0, n);
            Finite.addSquares(sums, chunk, n);
            floats.put(at + done, chunk, 0, n);
            done += n;
        }
        double sum = takeSums();
        if (squares != null) {
            squares.wrote(at, count, sum);
        }
        if (!Double.isFinite(sum)) {
            refuse(at, from, count, whole);
        }
        wrote(before, at, count);
    }

    /** What comes from a place on has no value until it is written; gives how many elements had one. */
    private int writing(int at) {
        int before = known;
        known = Math.min(known, at);
        written = false;
        return before;
    }

    private void wrote(int before, int at, int count) {
        known = at <= before ? Math.max(before, at + count) : before;
        written = known == shape.size();
    }

    /** The sum of all squares, and none from now on. */
    private double takeSums() {
        double sum = 0;
        for (float some : sums) {
            sum += some;
        }
        Arrays.fill(sums, 0);
        return sum;
    }

    /** Refuses the first number that is not allowed. */
    private void refuse(int at, int from, int count, Shape whole) {
        for (int i = 0; i < count; i++) {
            requireAllowed(floats.get(at + i), from + i, name, infinite, whole);
        }
    }

    private static void requireAllowed(float value, int place, String name, boolean infinite, Shape whole) {
        if (Float.isNaN(value) || !infinite && Float.isInfinite(value)) {
            throw new ValueException(Errors.notAllowed(name, infinite, value, place, whole));
        }
    }

    /**
     * Requires numbers that an input takes.
     *
     * @throws ValueException if one is NaN, or infinite where that is not allowed
     */
    public static void requireAllowed(Input input, Tensor value) {
        if (value.dtype() == DType.FLOAT && !Finite.isFinite(value.floats(), value.size())) {
            for (int i = 0; i < value.size(); i++) {
                requireAllowed(value.floats()[i], i, input.name(), input.infinite(), value.shape());
            }
        }
    }

    /** Forgets the value: its memory may hold anything. */
    void forget() {
        known = 0;
        written = false;
        if (squares != null) {
            squares.forget();
        }
    }

    /** Repeats the last of the first rows to the end: rows that nobody reads are as sound as those that are read. */
    public void repeat(int rows) {
        for (int to = rows * row(); to < shape.size(); to += row()) {
            ints.put(to, ints, (rows - 1) * row(), row());
        }
        wrote(known, rows * row(), shape.size() - rows * row());
        if (squares != null) {
            squares.repeated(rows * row(), row());
        }
    }

    /** The same for integers. */
    public void put(int at, int[] values, int from, int count) {
        int before = writing(at);
        ints.put(at, values, from, count);
        wrote(before, at, count);
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
