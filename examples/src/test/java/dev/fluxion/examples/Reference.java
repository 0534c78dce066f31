package dev.fluxion.examples;

import static dev.fluxion.dsl.layer.Layers.conv;
import static dev.fluxion.dsl.layer.Layers.flatten;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.maxPool;
import static dev.fluxion.dsl.layer.Layers.relu;

import dev.fluxion.Optimizer;
import dev.fluxion.Tensor;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.optim.Optimizers;
import dev.fluxion.ir.Shape;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** The nets, weights, inputs and losses of the runs that {@code reference_runs.py} recorded. */
final class Reference {
    private Reference() {}

    /** A net of the tutorials as PyTorch starts it in the recorded runs. */
    enum Net {
        MNIST(
                Seq.of(
                        conv(1, 32, 3),
                        maxPool(2),
                        conv(32, 64, 3),
                        maxPool(2),
                        flatten(),
                        linear(1600, 64),
                        relu(),
                        linear(64, 10)),
                1,
                100,
                1,
                28,
                28),
        CIFAR(
                Seq.of(
                        conv(3, 32, 5).pad(2),
                        maxPool(2),
                        conv(32, 32, 5).pad(2),
                        maxPool(2),
                        conv(32, 64, 5).pad(2),
                        maxPool(2),
                        flatten(),
                        linear(1024, 64),
                        linear(64, 10)),
                2,
                200,
                3,
                32,
                32);

        final Seq layers;
        final int[] sample;
        private final long weightSeed;
        private final long inputSeed;

        Net(Seq layers, long weightSeed, long inputSeed, int... sample) {
            this.layers = layers;
            this.weightSeed = weightSeed;
            this.inputSeed = inputSeed;
            this.sample = sample;
        }

        /** The initial value of every parameter: (2u − 1)/√fan_in, in the order of the state dict. */
        Map<String, Tensor> weights(Map<String, Shape> shapes) {
            SplitMix64 random = new SplitMix64(weightSeed);
            Map<String, Tensor> values = new LinkedHashMap<>();
            int fan = 1;
            for (Map.Entry<String, Shape> e : shapes.entrySet()) {
                Shape shape = e.getValue();
                fan = shape.rank() > 1 ? shape.size() / shape.dim(0) : fan;
                float[] data = new float[shape.size()];
                for (int i = 0; i < data.length; i++) {
                    data[i] = (float) ((2 * random.next() - 1) * (1 / Math.sqrt(fan)));
                }
                values.put(e.getKey(), Tensor.of(data, shape));
            }
            return values;
        }

        SplitMix64 inputs() {
            return new SplitMix64(inputSeed);
        }

        String file(String run) {
            return name().toLowerCase(Locale.ROOT) + "-" + run + ".txt";
        }
    }

    /** The optimizers of the recorded runs. */
    static Optimizer optimizer(String name) {
        return switch (name) {
            case "sgd" -> Optimizers.sgd(0.01);
            case "momentum" -> Optimizers.sgd(0.01).momentum(0.9);
            case "adam" -> Optimizers.adam(0.0001);
            case "adamw" -> Optimizers.adamW(0.001);
            case "nesterov" -> Optimizers.sgd(0.01).momentum(0.9).nesterov(true).weightDecay(5e-4);
            default -> throw new IllegalArgumentException(name);
        };
    }

    /** A column of a recorded file: the loss of every step. */
    static double[] losses(String file, String column) {
        try (InputStream in = Objects.requireNonNull(Reference.class.getResourceAsStream("reference/" + file), file);
                BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
            List<String> lines = reader.lines().toList();
            List<String> header = lines.stream().filter(l -> l.startsWith("#")).toList();
            List<String> columns =
                    Arrays.asList(header.get(header.size() - 1).substring(2).split(" ", -1));
            int at = columns.indexOf(column);
            return lines.stream()
                    .filter(l -> !l.startsWith("#"))
                    .mapToDouble(l -> Double.parseDouble(l.split(" ", -1)[at]))
                    .toArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The generator of the recorder: 24 random bits a number, in [0, 1). */
    static final class SplitMix64 {
        private long state;

        SplitMix64(long seed) {
            this.state = seed;
        }

        double next() {
            state += 0x9E3779B97F4A7C15L;
            long z = state;
            z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
            z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
            z ^= z >>> 31;
            return (z >>> 40) * 0x1p-24;
        }
    }
}
