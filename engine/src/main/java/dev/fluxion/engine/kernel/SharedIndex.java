package dev.fluxion.engine.kernel;

import dev.fluxion.engine.error.Errors;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ValueException;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/**
 * Gather and scatter-add whose index names the same places for all that lies before and behind the axis, as in a resized image:
 * it is read and checked once. A tensor is {@code outer} times {@code extent} runs of {@code step} elements that lie side by side.
 *
 * @param outer how many times the index is followed
 * @param extent the runs that it points into
 * @param length the runs that it names
 * @param step the elements of a run
 * @param origin the layer or loss, for messages
 * @param positions what messages call the positions in the index: those of the elements of a run
 * @param naming the position of an element of the index
 */
public record SharedIndex(
        int outer,
        int extent,
        int length,
        int step,
        String origin,
        GatherScatter.Positions positions,
        IntUnaryOperator naming) {
    /** A shorter run is moved element by element. */
    private static final int SHORT = 16;
    /** A longer run is moved by itself, others many at a time by way of the heap. */
    private static final int LONG = 1024;
    /** Elements on the heap that stay in the cache. */
    private static final int ROOM = 1 << 15;

    /**
     * Follows an index.
     *
     * @param indexed the extents of the tensor that the index points into, in the order in which its elements lie
     * @param index those of the index, stretched over all axes
     * @param axis the axis that it counts along
     * @param origin the layer or loss, for messages
     * @param positions what messages call positions
     * @param naming the position of an element of the index
     */
    public static SharedIndex of(
            Shape indexed,
            Shape index,
            int axis,
            String origin,
            GatherScatter.Positions positions,
            IntUnaryOperator naming) {
        int length = index.dim(axis);
        int step = index.strides()[axis];
        int outer = index.size() == 0 ? 0 : index.size() / (length * step);
        return new SharedIndex(outer, indexed.dim(axis), length, step, origin, positions, naming);
    }

    /** The same for fewer times. */
    SharedIndex times(int count) {
        return new SharedIndex(count, extent, length, step, origin, positions, naming);
    }

    /** The same for some elements of the index. */
    SharedIndex elements(int from, int to) {
        return new SharedIndex(outer, extent, to - from, step, origin, positions, i -> naming.applyAsInt(from + i));
    }

    /** {@code to[i] = from[place of index i]}. */
    public Step.Binder gather(Buffer from, Buffer index, Buffer to) {
        int most = Math.max(extent, length) * step;
        boolean together = step < SHORT || step < LONG && most <= ROOM;
        return places -> {
            IntBuffer x = places.of(from).ints();
            IntBuffer at = places.of(index).ints();
            IntBuffer out = places.of(to).ints();
            int[] known = new int[length];
            int[] read = new int[together ? extent * step : 0];
            int[] write = new int[together ? length * step : 0];
            return GatherScatter.kernel(tile -> {
                look(at, known, tile);
                for (int o = 0; o < outer; o++) {
                    if (together) {
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
            if (step >= SHORT) {
                System.arraycopy(read, source, write, l * step, step);
            } else {
                for (int i = 0; i < step; i++) {
                    write[l * step + i] = read[source + i];
                }
            }
        }
    }

    private void look(IntBuffer at, int[] known, int tile) {
        for (int l = 0; l < length; l++) {
            int place = at.get(l);
            if (outer > 0 && (place < 0 || place >= extent)) {
                int position = positions.of(tile, naming.applyAsInt(l));
                throw new ValueException(Errors.index(origin, place, position, extent));
            }
            known[l] = place;
        }
    }
}
