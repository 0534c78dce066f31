package dev.fluxion.data;

import java.util.Arrays;

/**
 * Makes planes of one size from those of another: each pixel is a mean of those around its place, with weights that fall to 0 at a
 * distance of one pixel, of the larger pixels. First along x, then along y.
 */
public final class Resampling {
    private final int height;
    private final int width;
    private final int newWidth;
    private final int newHeight;
    private final Taps across;
    private final Taps down;

    /** For each new pixel the first one that it is of, and the weights of this and the following ones. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Taps(int[] first, float[][] weights) {
        static Taps of(int from, int to) {
            double scale = (double) from / to;
            double reach = Math.max(scale, 1);
            int[] first = new int[to];
            float[][] weights = new float[to][];
            for (int i = 0; i < to; i++) {
                double middle = (i + 0.5) * scale;
                first[i] = (int) Math.max(0, Math.floor(middle - reach + 0.5));
                int end = (int) Math.min(from, Math.floor(middle + reach + 0.5));
                double[] own = new double[end - first[i]];
                for (int k = 0; k < own.length; k++) {
                    own[k] = Math.max(0, 1 - Math.abs(first[i] + k + 0.5 - middle) / reach);
                }
                double sum = Arrays.stream(own).sum();
                weights[i] = new float[own.length];
                for (int k = 0; k < own.length; k++) {
                    weights[i][k] = (float) (own[k] / sum);
                }
            }
            return new Taps(first, weights);
        }
    }

    /** From one size to another; all are at least 1. */
    public Resampling(int height, int width, int newHeight, int newWidth) {
        this.height = height;
        this.width = width;
        this.newWidth = newWidth;
        this.newHeight = newHeight;
        this.across = Taps.of(width, newWidth);
        this.down = Taps.of(height, newHeight);
    }

    /** Makes a plane, row-major, from one. */
    public void apply(float[] from, int at, float[] to, int toAt) {
        float[] rows = new float[height * newWidth];
        for (int y = 0; y < height; y++) {
            narrow(from, at + y * width, rows, y * newWidth);
        }
        for (int y = 0; y < newHeight; y++) {
            Arrays.fill(to, toAt + y * newWidth, toAt + (y + 1) * newWidth, 0);
            float[] weights = down.weights[y];
            for (int k = 0; k < weights.length; k++) {
                add(rows, (down.first[y] + k) * newWidth, weights[k], to, toAt + y * newWidth);
            }
        }
    }

    private void narrow(float[] from, int at, float[] rows, int rowAt) {
        for (int x = 0; x < newWidth; x++) {
            float[] weights = across.weights[x];
            float sum = 0;
            for (int k = 0; k < weights.length; k++) {
                sum += weights[k] * from[at + across.first[x] + k];
            }
            rows[rowAt + x] = sum;
        }
    }

    private void add(float[] rows, int at, float weight, float[] to, int toAt) {
        for (int x = 0; x < newWidth; x++) {
            to[toAt + x] += weight * rows[at + x];
        }
    }
}
