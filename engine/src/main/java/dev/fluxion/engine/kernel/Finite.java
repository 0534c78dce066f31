package dev.fluxion.engine.kernel;

import dev.fluxion.ffi.Blas;
import dev.fluxion.ffi.Call;
import dev.fluxion.ffi.Slice;
import java.nio.FloatBuffer;

/**
 * Looks for numbers that are NaN or infinite. The sum of the squares, which BLAS computes fast, is finite if all numbers are,
 * but for overflow; only where it is not, the numbers are looked at.
 */
public final class Finite {
    private static final int CHUNK = 1024;

    private final FloatBuffer values;
    private final Call squares;
    private final FloatBuffer sum;
    private final int count;
    private final float[] chunk;

    /**
     * A search among so many numbers.
     *
     * @param values where they are
     * @param sum a place for their sum of squares
     */
    public Finite(Slice values, Slice sum, int count) {
        this.values = values.floats();
        this.sum = sum.floats();
        this.squares = Blas.dot(count, values, values, sum);
        this.count = count;
        this.chunk = new float[Math.min(count, CHUNK)];
    }

    /** The position of the first number that is not finite; −1 if all are. */
    public int firstOther() {
        return Float.isFinite(squares()) ? -1 : search();
    }

    /** The sum of the squares, which is infinite where it overflows, and no number where one of them is none. */
    public float squares() {
        squares.run();
        return sum.get(0);
    }

    /** One of the numbers. */
    public float at(int position) {
        return values.get(position);
    }

    /** Frees what the search holds. */
    public void close() {
        squares.close();
    }

    /** The position of the first number that is not finite, whatever the sum of the squares; −1 if all are. */
    public int search() {
        for (int start = 0; start < count; start += CHUNK) {
            int n = Math.min(CHUNK, count - start);
            values.get(start, chunk, 0, n);
            if (!isFinite(chunk, n)) {
                return start + first(chunk);
            }
        }
        return -1;
    }

    /** The position of the first number that is not finite, of which there is one. */
    public static int first(float[] x) {
        int at = 0;
        while (Float.isFinite(x[at])) {
            at++;
        }
        return at;
    }

    /** Adds squares to sums, each to that at its place: in vectors, unlike a sum of all. */
    public static void addSquares(float[] sums, float[] x, int n) {
        for (int i = 0; i < n; i++) {
            sums[i] += x[i] * x[i];
        }
    }

    /** Whether all numbers are finite: x·0 is NaN for those that are not, and NaN survives the sum. */
    public static boolean isFinite(float[] x, int n) {
        float a = 0;
        float b = 0;
        float c = 0;
        float d = 0;
        int i = 0;
        for (; i + 3 < n; i += 4) {
            a += x[i] * 0;
            b += x[i + 1] * 0;
            c += x[i + 2] * 0;
            d += x[i + 3] * 0;
        }
        for (; i < n; i++) {
            a += x[i] * 0;
        }
        return a + b + c + d == 0;
    }
}
