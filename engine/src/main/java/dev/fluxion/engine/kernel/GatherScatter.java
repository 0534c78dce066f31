package dev.fluxion.engine.kernel;

import dev.fluxion.engine.error.Errors;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ValueException;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.function.IntConsumer;

/** Gather and scatter-add: reads or adds at the places that an index names along one axis. */
public final class GatherScatter {
    private final int count;
    private final int extent;
    private final int length;
    private final int step;
    private final String origin;
    private final Positions positions;

    /** What messages call positions in the index of a tile. */
    public interface Positions {
        /** The position in the whole index. */
        int of(int tile, int position);
    }

    /**
     * Follows an index.
     *
     * @param indexed the shape of the tensor that the index points into
     * @param index the shape of the index
     * @param axis the axis that it counts along
     * @param origin the layer or loss, for messages
     * @param positions what messages call the positions in the index
     */
    public GatherScatter(Shape indexed, Shape index, int axis, String origin, Positions positions) {
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
            return kernel(tile -> {
                for (int i = 0; i < count; i++) {
                    out.put(i, x.get(place(at.get(i), tile, i)));
                }
            });
        };
    }

    /** {@code to = 0}, then {@code to[place of index i] += from[i]}. */
    public Step.Binder scatterAdd(Buffer from, Buffer index, Buffer to, int size) {
        return places -> {
            FloatBuffer x = places.of(from).floats();
            IntBuffer at = places.of(index).ints();
            FloatBuffer out = places.of(to).floats();
            return kernel(tile -> {
                for (int i = 0; i < size; i++) {
                    out.put(i, 0);
                }
                for (int i = 0; i < count; i++) {
                    int place = place(at.get(i), tile, i);
                    out.put(place, out.get(place) + x.get(i));
                }
            });
        };
    }

    private static Step.Kernel kernel(IntConsumer ofTile) {
        return new Step.Kernel() {
            private int tile;

            @Override
            public void at(int next) {
                tile = next;
            }

            @Override
            public void run() {
                ofTile.accept(tile);
            }
        };
    }

    private int place(int index, int tile, int position) {
        if (index < 0 || index >= extent) {
            throw new ValueException(Errors.index(origin, index, positions.of(tile, position), extent));
        }
        int outer = position / (step * length);
        return (outer * extent + index) * step + position % step;
    }
}
