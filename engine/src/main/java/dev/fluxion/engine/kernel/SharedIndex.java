package dev.fluxion.engine.kernel;

import dev.fluxion.engine.error.Errors;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ValueException;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;

/**
 * Gather and scatter-add whose index names the same places for all that lies before and behind the axis, as in a resized image:
 * it is read and checked once.
 */
public final class SharedIndex {
    /** A longer run of elements is moved and added run by run, a shorter one element by element. */
    private static final int SHORT = 16;

    private final int outer;
    private final int extent;
    private final int length;
    private final int step;
    private final String origin;
    private final GatherScatter.Positions positions;

    /**
     * Follows an index.
     *
     * @param indexed the shape of the tensor that the index points into
     * @param index the shape of the index, stretched over all axes
     * @param axis the axis that it counts along
     * @param origin the layer or loss, for messages
     * @param positions what messages call the positions in the index
     */
    public SharedIndex(Shape indexed, Shape index, int axis, String origin, GatherScatter.Positions positions) {
        this.extent = indexed.dim(axis);
        this.length = index.dim(axis);
        this.step = index.strides()[axis];
        this.outer = index.size() == 0 ? 0 : index.size() / (length * step);
        this.origin = origin;
        this.positions = positions;
    }

    /** {@code to[i] = from[place of index i]}. */
    public Step.Binder gather(Buffer from, Buffer index, Buffer to) {
        return places -> {
            IntBuffer x = places.of(from).ints();
            IntBuffer at = places.of(index).ints();
            IntBuffer out = places.of(to).ints();
            int[] known = new int[length];
            int[] read = new int[step < SHORT ? extent * step : 0];
            int[] write = new int[step < SHORT ? length * step : 0];
            return GatherScatter.kernel(tile -> {
                look(at, known, tile);
                for (int o = 0; o < outer; o++) {
                    if (step < SHORT) {
                        x.get(o * read.length, read);
                        take(read, known, write);
                        out.put(o * write.length, write);
                    } else {
                        for (int l = 0; l < length; l++) {
                            out.put((o * length + l) * step, x, (o * extent + known[l]) * step, step);
                        }
                    }
                }
            });
        };
    }

    /** {@code to = 0}, then {@code to[place of index i] += from[i]}, in the order of the index. */
    public Step.Binder scatterAdd(Buffer from, Buffer index, Buffer to) {
        return places -> {
            FloatBuffer x = places.of(from).floats();
            IntBuffer at = places.of(index).ints();
            FloatBuffer out = places.of(to).floats();
            int[] known = new int[length];
            float[] sums = new float[extent * step];
            float[] addends = new float[step];
            return GatherScatter.kernel(tile -> {
                look(at, known, tile);
                for (int o = 0; o < outer; o++) {
                    Arrays.fill(sums, 0);
                    for (int l = 0; l < length; l++) {
                        x.get((o * length + l) * step, addends);
                        int target = known[l] * step;
                        for (int i = 0; i < step; i++) {
                            sums[target + i] += addends[i];
                        }
                    }
                    out.put(o * sums.length, sums);
                }
            });
        };
    }

    private void take(int[] read, int[] known, int[] write) {
        for (int l = 0; l < length; l++) {
            int source = known[l] * step;
            for (int i = 0; i < step; i++) {
                write[l * step + i] = read[source + i];
            }
        }
    }

    private void look(IntBuffer at, int[] known, int tile) {
        for (int l = 0; l < length; l++) {
            int place = at.get(l);
            if (outer > 0 && (place < 0 || place >= extent)) {
                throw new ValueException(Errors.index(origin, place, positions.of(tile, l * step), extent));
            }
            known[l] = place;
        }
    }
}
