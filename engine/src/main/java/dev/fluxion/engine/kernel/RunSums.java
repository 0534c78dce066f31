package dev.fluxion.engine.kernel;

import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Sums of two numbers over a run of elements that lie one after another. Pieces of a run are added up element by element, and then in
 * quarters: in single precision over a stretch of 128 pieces, in double precision over all.
 */
final class RunSums {
    private static final int WIDTH = 512;
    private static final int SOME = WIDTH / 4;
    /** So many sums are added up one by one. */
    private static final int FEW = SOME / 4;

    private static final int STRETCH = 128;
    private static final int QUARTER = 4;

    private final FloatBuffer x;
    private final FloatBuffer g;
    private final float[] first = new float[WIDTH];
    private final float[] second = new float[WIDTH];
    private final float[] piece = new float[WIDTH];
    private final float[] gradients = new float[WIDTH];
    private double sum;
    private double products;

    /**
     * Sums over elements of x, and of its gradients.
     *
     * @param g as long as x; x itself if there are none
     */
    RunSums(FloatBuffer x, FloatBuffer g) {
        this.x = x;
        this.g = g;
    }

    /** What {@link #deviations} or {@link #gradients} added up: the first of both. */
    double sum() {
        return sum;
    }

    /** The second of both. */
    double products() {
        return products;
    }

    /** The mean of a quarter of a run. */
    float quarter(int start, int length) {
        int width = Math.min(WIDTH, (length + QUARTER - 1) / QUARTER);
        double total = 0;
        int count = 0;
        for (int at = 0; at < length; at += QUARTER * width) {
            int n = Math.min(width, length - at);
            x.get(start + at, piece, 0, n);
            total += folded(piece, n);
            count += n;
        }
        return (float) (total / count);
    }

    /** Adds up x − centre and its squares over a run. */
    void deviations(int start, int length, float centre) {
        sum = 0;
        products = 0;
        for (int at = 0; at < length; at += STRETCH * WIDTH) {
            int end = Math.min(length, at + STRETCH * WIDTH);
            int width = Math.min(WIDTH, end - at);
            x.get(start + at, piece, 0, width);
            begin(piece, first, second, width, centre);
            for (int from = at + width; from < end; from += WIDTH) {
                int n = Math.min(WIDTH, end - from);
                x.get(start + from, piece, 0, n);
                add(piece, first, second, n, centre);
            }
            settle(width);
        }
    }

    /** Adds up g and g · (x − centre) over a run. */
    void gradients(int start, int length, float centre) {
        sum = 0;
        products = 0;
        for (int at = 0; at < length; at += STRETCH * WIDTH) {
            int end = Math.min(length, at + STRETCH * WIDTH);
            int width = Math.min(WIDTH, end - at);
            x.get(start + at, piece, 0, width);
            g.get(start + at, first, 0, width);
            multiply(first, piece, second, width, centre);
            for (int from = at + width; from < end; from += WIDTH) {
                int n = Math.min(WIDTH, end - from);
                x.get(start + from, piece, 0, n);
                g.get(start + from, gradients, 0, n);
                add(gradients, piece, first, second, n, centre);
            }
            settle(width);
        }
    }

    private void settle(int width) {
        sum += folded(first, width);
        products += folded(second, width);
    }

    private static void begin(float[] x, float[] first, float[] second, int n, float centre) {
        for (int i = 0; i < n; i++) {
            float deviation = x[i] - centre;
            first[i] = deviation;
            second[i] = deviation * deviation;
        }
    }

    private static void add(float[] x, float[] first, float[] second, int n, float centre) {
        for (int i = 0; i < n; i++) {
            float deviation = x[i] - centre;
            first[i] += deviation;
            second[i] += deviation * deviation;
        }
    }

    private static void multiply(float[] g, float[] x, float[] second, int n, float centre) {
        for (int i = 0; i < n; i++) {
            second[i] = g[i] * (x[i] - centre);
        }
    }

    private static void add(float[] g, float[] x, float[] first, float[] second, int n, float centre) {
        for (int i = 0; i < n; i++) {
            first[i] += g[i];
            second[i] += g[i] * (x[i] - centre);
        }
    }

    /** The sum of an array's first elements; the others are lost. Loops of constant lengths take a third of the time of others. */
    private static double folded(float[] all, int n) {
        if (n > SOME) {
            Arrays.fill(all, n, WIDTH, 0);
            for (int i = 0; i < SOME; i++) {
                all[i] = (all[i] + all[i + SOME]) + (all[i + 2 * SOME] + all[i + 3 * SOME]);
            }
        } else if (n > FEW) {
            Arrays.fill(all, n, SOME, 0);
        }
        if (n > FEW) {
            for (int i = 0; i < FEW; i++) {
                all[i] = (all[i] + all[i + FEW]) + (all[i + 2 * FEW] + all[i + 3 * FEW]);
            }
        } else {
            Arrays.fill(all, n, FEW, 0);
        }
        double even = 0;
        double odd = 0;
        for (int i = 0; i < FEW; i += 4) {
            even += (double) all[i] + all[i + 1];
            odd += (double) all[i + 2] + all[i + 3];
        }
        return even + odd;
    }
}
