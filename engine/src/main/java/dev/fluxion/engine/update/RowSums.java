package dev.fluxion.engine.update;

import dev.fluxion.engine.error.Errors;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ir.ValueException;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;

/**
 * Adds up what goes to the same row of a table, in order: the sum is where the row is named first, with the number of the row;
 * elsewhere there are zeros, and −1.
 */
final class RowSums implements Step.Kernel {
    /** No row, and an empty place of the hash table. */
    static final int NONE = -1;

    private final FloatBuffer parts;
    private final IntBuffer ids;
    private final FloatBuffer sums;
    private final IntBuffer firsts;
    private final int rows;
    private final String origin;
    private final float[] sum;
    private final float[] part;
    /** Open addressing: by the hash of an id, where it is named first. */
    private final int[] places;

    RowSums(
            FloatBuffer parts,
            IntBuffer ids,
            FloatBuffer sums,
            IntBuffer firsts,
            int count,
            int width,
            int rows,
            String origin) {
        this.parts = parts;
        this.ids = ids;
        this.sums = sums;
        this.firsts = firsts;
        this.rows = rows;
        this.origin = origin;
        this.sum = new float[width];
        this.part = new float[width];
        this.places = new int[Integer.highestOneBit(2 * count) * 2];
    }

    @Override
    public void run() {
        Arrays.fill(places, NONE);
        int count = ids.limit();
        for (int i = 0; i < count; i++) {
            int id = ids.get(i);
            if (id < 0 || id >= rows) {
                throw new ValueException(Errors.index(origin, id, i, rows));
            }
            parts.get(i * part.length, part);
            int place = place(id);
            int first = places[place];
            if (first == NONE) {
                places[place] = i;
                firsts.put(i, id);
                sums.put(i * part.length, part);
            } else {
                add(first);
                firsts.put(i, NONE);
                Arrays.fill(part, 0);
                sums.put(i * part.length, part);
            }
        }
    }

    private void add(int first) {
        sums.get(first * sum.length, sum);
        for (int j = 0; j < sum.length; j++) {
            sum[j] += part[j];
        }
        sums.put(first * sum.length, sum);
    }

    /** Where an id is in the hash table, or would be. */
    private int place(int id) {
        int place = id * 0x9E3779B9 >>> Integer.numberOfLeadingZeros(places.length - 1);
        while (places[place] != NONE && ids.get(places[place]) != id) {
            place = place + 1 & places.length - 1;
        }
        return place;
    }

    /** The table's gradient, once the rows are summed up. */
    Trial.Gradient gradient() {
        return new Trial.Gradient() {
            @Override
            public float at(int position) {
                int first = first(position);
                return first == NONE ? 0 : sums.get(first * sum.length + position % sum.length);
            }

            @Override
            public boolean isChanged(int position) {
                return first(position) != NONE;
            }
        };
    }

    /** Where the row of an element is named first. */
    private int first(int position) {
        return places[place(position / sum.length)];
    }
}
