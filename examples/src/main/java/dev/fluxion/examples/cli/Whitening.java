package dev.fluxion.examples.cli;

import static dev.fluxion.dsl.layer.Layers.layer;

import dev.fluxion.Layer;
import dev.fluxion.Tensor;
import dev.fluxion.data.Dataset;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Shape;

/**
 * A first convolution that is not learnt: what it makes of patches of 2×2 pixels of some images has mean 0, variance 1 and no
 * correlation, and a second half of its filters is the negative of the first (K. Jordan, "94% on CIFAR-10 in 3.29 Seconds on a Single
 * GPU", 2024).
 */
final class Whitening {
    private static final int SIDE = 2;
    private static final int IMAGES = 2000;
    /** The part of a variance that counts as noise, for pixels from 0 to 1. */
    private static final double NOISE = 3e-5;

    private final int channels;
    private final double[] mean;
    private final double[][] covariance;

    private Whitening(Tensor images) {
        this.channels = images.shape().dim(1);
        int size = channels * SIDE * SIDE;
        this.mean = new double[size];
        this.covariance = new double[size][size];
        measure(images);
    }

    /** The layer for images like these. */
    static Layer of(Dataset images) {
        Whitening of =
                new Whitening(images.first(Math.min(IMAGES, images.size())).inputs());
        int size = of.mean.length;
        float[] filters = new float[2 * size * size];
        float[] biases = new float[2 * size];
        of.fill(filters, biases);
        Shape shape = Shape.of(2 * size, of.channels, SIDE, SIDE);
        return layer("whitening", (scope, x) -> x.conv(
                        scope.buffer("weight", shape, (values, s, random) -> copy(filters, values)), ConvSpec.of())
                .add(scope.parameter("bias", Shape.of(2 * size, 1, 1), (values, s, random) -> copy(biases, values))));
    }

    private static void copy(float[] from, float[] to) {
        System.arraycopy(from, 0, to, 0, to.length);
    }

    private void measure(Tensor images) {
        int height = images.shape().dim(2);
        int width = images.shape().dim(3);
        double[] patch = new double[mean.length];
        long count = 0;
        for (int n = 0; n < images.shape().dim(0); n++) {
            for (int y = 0; y + SIDE <= height; y++) {
                for (int x = 0; x + SIDE <= width; x++) {
                    for (int i = 0; i < patch.length; i++) {
                        int row = y + i / SIDE % SIDE;
                        int plane = n * channels + i / (SIDE * SIDE);
                        patch[i] = images.floats()[(plane * height + row) * width + x + i % SIDE];
                    }
                    add(patch);
                    count++;
                }
            }
        }
        for (int i = 0; i < patch.length; i++) {
            mean[i] /= count;
        }
        for (int i = 0; i < patch.length; i++) {
            for (int j = 0; j < patch.length; j++) {
                covariance[i][j] = covariance[i][j] / count - mean[i] * mean[j];
            }
        }
    }

    private void add(double[] patch) {
        for (int i = 0; i < patch.length; i++) {
            mean[i] += patch[i];
            for (int j = 0; j < patch.length; j++) {
                covariance[i][j] += patch[i] * patch[j];
            }
        }
    }

    private void fill(float[] filters, float[] biases) {
        double[][] directions = new double[mean.length][mean.length];
        double[] variances = SymmetricMatrix.diagonalise(covariance, directions);
        for (int f = 0; f < mean.length; f++) {
            double scale = 1 / Math.sqrt(variances[f] + NOISE);
            double shift = 0;
            for (int i = 0; i < mean.length; i++) {
                double weight = directions[f][i] * scale;
                shift -= weight * mean[i];
                filters[f * mean.length + i] = (float) weight;
                filters[(f + mean.length) * mean.length + i] = (float) -weight;
            }
            biases[f] = (float) shift;
            biases[f + mean.length] = (float) -shift;
        }
    }
}
