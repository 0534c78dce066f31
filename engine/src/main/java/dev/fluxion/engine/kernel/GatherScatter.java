package dev.fluxion.engine.kernel;

import dev.fluxion.engine.error.Errors;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ValueException;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.function.IntConsumer;

/**
 * Gather and scatter-add: reads or adds at the places that an index names along one axis. An index that is the same for all that
 * lies behind the axis, as that of rows of a table, is read once for a run of elements.
 */
public final class GatherScatter {
    /** Elements that are added at once. */
    private static final int CHUNK = 512;
    /** A copy to the heap and back takes as long as so many additions of single elements. */
    private static final int SHORT = 16;

    private final int count;
    private final int extent;
    private final int length;
    private final int step;
    private final int run;
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
     * @param isRepeated whether the index is given once for all that lies behind the axis
     * @param origin the layer or loss, for messages
     * @param positions what messages call the positions in the index
     */
    public GatherScatter(Shape indexed, Shape index, int axis, boolean isRepeated, String origin, Positions positions) {
        this.extent = indexed.dim(axis);
        this.length = index.dim(axis);
        this.step = index.strides()[axis];
        this.run = isRepeated ? step : 1;
        this.count = index.size() == 0 ? 0 : index.size() / run;
        this.origin = origin;
        this.positions = positions;
    }

    /** {@code to[i] = from[place of index i]}. */
    public Step.Binder gather(Buffer from, Buffer index, Buffer to) {
        return places -> {
            IntBuffer x = places.of(from).ints();
            IntBuffer at = places.of(index).ints();
            IntBuffer out = places.of(to).ints();
            return kernel(
                    run == 1
                            ? tile -> {
                                for (int i = 0; i < count; i++) {
                                    out.put(i, x.get(place(at.get(i), tile, i)));
                                }
                            }
                            : tile -> {
                                for (int i = 0; i < count; i++) {
                                    out.put(i * run, x, place(at.get(i), tile, i), run);
                                }
                            });
        };
    }

    /** {@code to = 0}, then {@code to[place of index i] += from[i]}, in the order of the index. */
    public Step.Binder scatterAdd(Buffer from, Buffer index, Buffer to, int size) {
        return places -> {
            FloatBuffer x = places.of(from).floats();
            IntBuffer at = places.of(index).ints();
            FloatBuffer out = places.of(to).floats();
            float[] zeros = new float[Math.min(size, CHUNK)];
            float[] sum = new float[Math.min(run, CHUNK)];
            float[] addend = new float[sum.length];
            return kernel(tile -> {
                for (int i = 0; i < size; i += zeros.length) {
                    out.put(i, zeros, 0, Math.min(zeros.length, size - i));
                }
                for (int i = 0; i < count; i++) {
                    int place = place(at.get(i), tile, i);
                    if (run < SHORT) {
                        addShort(x, i * run, out, place);
                    } else {
                        add(x, i * run, out, place, sum, addend);
                    }
                }
            });
        };
    }

    private void addShort(FloatBuffer x, int from, FloatBuffer out, int to) {
        for (int i = 0; i < run; i++) {
            out.put(to + i, out.get(to + i) + x.get(from + i));
        }
    }

    private void add(FloatBuffer x, int from, FloatBuffer out, int to, float[] sum, float[] addend) {
        for (int done = 0; done < run; done += sum.length) {
            int n = Math.min(sum.length, run - done);
            out.get(to + done, sum, 0, n);
            x.get(from + done, addend, 0, n);
            for (int i = 0; i < n; i++) {
                sum[i] += addend[i];
            }
            out.put(to + done, sum, 0, n);
        }
    }

    static Step.Kernel kernel(IntConsumer ofTile) {
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

    /** The first element that an index points at. */
    private int place(int index, int tile, int i) {
        int position = i * run;
        if (index < 0 || index >= extent) {
            throw new ValueException(Errors.index(origin, index, positions.of(tile, position), extent));
        }
        int outer = position / (step * length);
        return (outer * extent + index) * step + position % step;
    }
}
