package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ValueException;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.function.IntUnaryOperator;

/** Gather and scatter-add: reads or adds at the places that an index names along one axis. */
public final class Follow {
    private final int count;
    private final int extent;
    private final int length;
    private final int step;
    private final String origin;
    private final IntUnaryOperator positions;

    /**
     * Follows an index.
     *
     * @param indexed the shape of the tensor that the index points into
     * @param index the shape of the index
     * @param axis the axis that it counts along
     * @param origin the layer or loss, for messages
     * @param positions what messages call the positions in the index
     */
    public Follow(Shape indexed, Shape index, int axis, String origin, IntUnaryOperator positions) {
        this.count = index.size();
        this.extent = indexed.dim(axis);
        this.length = index.dim(axis);
        this.step = index.strides()[axis];
        this.origin = origin;
        this.positions = positions;
    }

    /** {@code to[i] = from[place of index i]}. */
    public Step.Binder gather(Buffer from, Buffer index, Buffer to) {
        return places -> {
            IntBuffer x = places.of(from).ints();
            IntBuffer at = places.of(index).ints();
            IntBuffer out = places.of(to).ints();
            return () -> {
                for (int i = 0; i < count; i++) {
                    out.put(i, x.get(place(at.get(i), i)));
                }
            };
        };
    }

    /** {@code to = 0}, then {@code to[place of index i] += from[i]}. */
    public Step.Binder scatterAdd(Buffer from, Buffer index, Buffer to, int size) {
        return places -> {
            FloatBuffer x = places.of(from).floats();
            IntBuffer at = places.of(index).ints();
            FloatBuffer out = places.of(to).floats();
            return () -> {
                for (int i = 0; i < size; i++) {
                    out.put(i, 0);
                }
                for (int i = 0; i < count; i++) {
                    int place = place(at.get(i), i);
                    out.put(place, out.get(place) + x.get(i));
                }
            };
        };
    }

    private int place(int index, int position) {
        if (index < 0 || index >= extent) {
            throw new ValueException(Messages.index(origin, index, positions.applyAsInt(position), extent));
        }
        int outer = position / (step * length);
        return (outer * extent + index) * step + position % step;
    }
}
