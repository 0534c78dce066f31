package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.*;

import dev.fluxion.Layer;
import dev.fluxion.dsl.layer.Conv;
import dev.fluxion.dsl.layer.Gelu;
import dev.fluxion.dsl.layer.Seq;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** A net on images drawn at random, of the layers that today's networks join in every way. */
final class DrawnImageNet {
    /** The extents of one sample. */
    final int[] sample;

    final Layer net;
    private final SplittableRandom random;
    private int channels;
    private int height;
    private int width;

    DrawnImageNet(long seed) {
        random = new SplittableRandom(seed);
        channels = one(1, 3, 4, 16, 32);
        height = one(5, 7, 8, 12, 16);
        width = random.nextInt(4) == 0 ? one(5, 8, 13) : height;
        sample = new int[] {channels, height, width};
        List<Layer> layers = new ArrayList<>();
        int count = 2 + random.nextInt(6);
        for (int i = 0; i < count; i++) {
            layers.add(any());
        }
        switch (random.nextInt(4)) {
            case 0 -> layers.addAll(List.of(flatten(), linear(7)));
            case 1 -> layers.addAll(List.of(globalAvgPool(), linear(16), activation(), linear(5)));
            case 2 -> layers.add(globalMaxPool());
            default -> {}
        }
        net = Seq.of(layers.toArray(Layer[]::new));
    }

    private int one(int... of) {
        return of[random.nextInt(of.length)];
    }

    private Layer activation() {
        return switch (random.nextInt(14)) {
            case 0, 1, 2 -> relu();
            case 3 -> silu();
            case 4 -> gelu();
            case 5 -> gelu(Gelu.TANH);
            case 6 -> hardSwish();
            case 7 -> relu6();
            case 8 -> tanh();
            case 9 -> sigmoid();
            case 10 -> mish();
            case 11 -> leakyRelu();
            case 12 -> elu();
            default -> softplus();
        };
    }

    private Layer any() {
        return switch (random.nextInt(17)) {
            case 0, 1, 2 -> convolution();
            case 3 -> depthwise();
            case 4, 5 -> joined();
            case 6, 7 -> residual(kept());
            case 8 -> pooling();
            case 9 -> upsampled();
            case 10, 15, 16 -> shuffled();
            case 11 -> squeezeExcite(channels, Math.max(1, channels / 4));
            case 12 -> groupNorm(channels % 4 == 0 ? one(1, 4) : 1, channels);
            case 13 -> Seq.of(batchNorm(channels), activation());
            default -> transposed();
        };
    }

    private Layer convolution() {
        int in = channels;
        int kernel = one(1, 1, 3, 3, 5);
        int stride = height > 6 ? one(1, 1, 1, 2) : 1;
        int pad = random.nextInt(4) == 0 && Math.min(height, width) >= kernel ? 0 : kernel / 2;
        channels = one(8, 16, 24, 32, 48, 3, 10);
        height = (height + 2 * pad - kernel) / stride + 1;
        width = (width + 2 * pad - kernel) / stride + 1;
        Conv conv = conv(in, channels, kernel).stride(stride).pad(pad).bias(random.nextInt(3) > 0);
        return switch (random.nextInt(4)) {
            case 0 -> conv;
            case 1 -> Seq.of(conv, batchNorm(channels), activation());
            default -> Seq.of(conv, activation());
        };
    }

    private Layer depthwise() {
        int kernel = one(3, 5);
        return Seq.of(conv(channels, channels, kernel).groups(channels).pad(kernel / 2), activation());
    }

    /** Branches behind one another, one of which may be what is there already. */
    private Layer joined() {
        int in = channels;
        Layer[] branches = new Layer[one(2, 2, 3)];
        channels = 0;
        for (int i = 0; i < branches.length; i++) {
            boolean passed = random.nextBoolean();
            int made = passed ? in : one(5, 8, 16, 24);
            int kernel = one(1, 3);
            branches[i] = passed ? identity() : Seq.of(conv(in, made, kernel).pad(kernel / 2), activation());
            channels += made;
        }
        return concat(branches);
    }

    /** Convolutions that lead back to as many channels. */
    private Layer kept() {
        int between = one(8, 16, 24);
        Layer first = Seq.of(conv(channels, between, 3).pad(1), activation());
        Layer second = conv(between, channels, one(1, 3)).pad("same");
        return random.nextBoolean() ? Seq.of(first, second) : Seq.of(first, second, batchNorm(channels));
    }

    private Layer pooling() {
        int stride = Math.min(height, width) > 4 ? one(1, 2) : 1;
        height = (height - 1) / stride + 1;
        width = (width - 1) / stride + 1;
        return random.nextBoolean()
                ? maxPool(3).stride(stride).pad(1)
                : avgPool(3).stride(stride).pad(1);
    }

    private Layer upsampled() {
        if (height > 8) {
            return activation();
        }
        height *= 2;
        width *= 2;
        return random.nextBoolean() ? upsample(2) : upsample(2).bilinear();
    }

    /** Channels in another order, among them those that become rows and columns. */
    private Layer shuffled() {
        if (channels % 4 == 0 && height <= 8 && random.nextBoolean()) {
            channels /= 4;
            height *= 2;
            width *= 2;
            return pixelShuffle(2);
        }
        return channels % 2 == 0 ? channelShuffle(2) : activation();
    }

    private Layer transposed() {
        if (height > 10) {
            return activation();
        }
        int in = channels;
        int kernel = one(2, 3, 4);
        channels = one(3, 8, 16);
        height = (height - 1) * 2 + kernel;
        width = (width - 1) * 2 + kernel;
        return Seq.of(convTranspose(in, channels, kernel).stride(2), activation());
    }

    @Override
    public String toString() {
        return net + " on " + Arrays.toString(sample);
    }
}
