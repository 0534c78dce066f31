package dev.fluxion.io;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/** The elements of a tensor on their way from a file, in their order; each number is checked, but for NaN. */
final class Elements {
    private static final int CHUNK = 1 << 20;

    private final Path file;
    private final Description what;
    private final Type type;
    private final Shape shape;
    private final float[] floats;
    private final int[] ints;
    private int taken;
    private int unfit = -1;
    private String value = "";

    /** Takes memory for a tensor of which the file has all elements. */
    Elements(Path file, Description what) throws TensorFileException {
        if (what.problem().isPresent()) {
            throw new TensorFileException(file, what.problem().get());
        }
        this.file = file;
        this.what = what;
        this.type = Type.valueOf(what.type());
        this.shape = Shape.of(what.dims());
        this.floats = new float[type.floating() ? shape.size() : 0];
        this.ints = new int[type.floating() ? 0 : shape.size()];
    }

    /** A buffer for elements, for a part of them if there are many. */
    ByteBuffer buffer(ByteOrder order) {
        return ByteBuffer.allocate((int) Math.min((long) shape.size() * type.bytes(), CHUNK))
                .order(order);
    }

    /** Takes all elements that a buffer has from its beginning up to its limit. */
    void take(ByteBuffer from) {
        from.rewind();
        int count = from.limit() / type.bytes();
        int fitting = type.floating() ? type.floats(from, count, floats, taken) : type.ints(from, count, ints, taken);
        if (fitting < count && unfit < 0) {
            unfit = taken + fitting;
            value = type.text(from, fitting);
        }
        taken += count;
    }

    /** The tensor, when all elements were taken. */
    Tensor tensor() throws TensorFileException {
        if (unfit >= 0) {
            String kind = type.floating() ? "float32" : "int32";
            throw new TensorFileException(file, Errors.unfit(what.name(), shape, unfit, value, kind));
        }
        return type.floating() ? Tensor.of(floats, shape) : Tensor.of(ints, shape);
    }
}
