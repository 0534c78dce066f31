package dev.fluxion.ffi;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.DoubleStream;

/**
 * Convolutions and poolings of drawn geometries, in all passes, by kernels drawn among those that may be used, against plain
 * loops. A process of its own: what a kernel does to it is part of the result.
 */
final class GeometrySweep {
    /** The error of a product, of those that a result sums. */
    private static final double EACH = 1e-5;

    /** Products of a geometry, not to wait for the loops. */
    private static final int MOST = 100_000;

    /** What is taken in place of the first kernel. */
    private static final List<UnaryOperator<String>> RIVALS = List.of(
            first -> first,
            first -> first.replace("brg_conv_fwd:", "jit:"),
            first -> first.replace("avx512_core", "avx2"),
            first -> first.replaceFirst("brg.*:", "jit:").replaceFirst("avx.*", "sse41"));

    private static final int[] CHANNELS = {1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 40};

    private final SplittableRandom random;
    private final Layout blocked;

    private GeometrySweep(SplittableRandom random, Layout blocked) {
        this.random = random;
        this.blocked = blocked;
    }

    /** Checks so many geometries, from the given number on; says before each run what it is. */
    public static void main(String[] arguments) {
        int first = Integer.parseInt(arguments[0]);
        int count = Integer.parseInt(arguments[1]);
        Threads.current(1);
        Layout blocked = blocked();
        for (int i = first; i < first + count; i++) {
            GeometrySweep sweep = new GeometrySweep(new SplittableRandom(i), blocked);
            if (i % 3 > 0) {
                sweep.convolve(i, sweep.convolution());
            } else {
                sweep.pool(i, sweep.pooling());
            }
        }
        System.out.println(count + " geometries agree");
    }

    /** Images in blocks of channels, as gradients of weights like them. */
    private static Layout blocked() {
        Layout any = Layout.any(1, 16, 8, 8);
        Convolution gradient = Convolution.of(any, Layout.any(16, 16, 1, 1), any, Window.of(1, 1));
        try (Primitive primitive = Primitive.of(gradient.pass(Pass.BACKWARD_WEIGHTS))) {
            return primitive.layout(Arg.SOURCE);
        }
    }

    /** Padding up to beyond the kernel, kernels larger than images, results that see only padding; one row, one column. */
    private ConvolutionCase convolution() {
        boolean whole = random.nextInt(4) > 0;
        int groups = whole ? 1 : random.nextInt(1, 20);
        int in = groups * (whole ? channels() : random.nextInt(1, 4));
        int out = groups * (whole ? channels() : random.nextInt(1, 4));
        return placed(() -> new ConvolutionCase(
                random.nextInt(1, 4),
                groups,
                in,
                out,
                random.nextInt(1, 13),
                random.nextInt(1, 13),
                random.nextInt(1, 8),
                random.nextInt(1, 8),
                random.nextInt(1, 5),
                random.nextInt(1, 5),
                random.nextInt(2) * random.nextInt(4) + 1,
                random.nextInt(2) * random.nextInt(4) + 1,
                padding(12, 12)));
    }

    /** Every channel for itself, with windows that all see a part of the image. */
    private ConvolutionCase pooling() {
        int c = channels();
        return placed(() -> {
            int kh = random.nextInt(1, 8);
            int kw = random.nextInt(1, 8);
            return new ConvolutionCase(
                    random.nextInt(1, 4),
                    c,
                    c,
                    c,
                    random.nextInt(1, 13),
                    random.nextInt(1, 13),
                    kh,
                    kw,
                    random.nextInt(1, 5),
                    random.nextInt(1, 5),
                    1,
                    1,
                    padding(kh / 2, kw / 2));
        });
    }

    private interface Draw {
        ConvolutionCase next();
    }

    private static ConvolutionCase placed(Draw draw) {
        while (true) {
            ConvolutionCase c = draw.next();
            long[] results = c.destinationDims();
            boolean placed = results[2] > 0 && results[3] > 0;
            if (placed && Tensors.count(results) * Tensors.count(c.weightsDims()) / c.out() < MOST) {
                return c;
            }
        }
    }

    private int channels() {
        return CHANNELS[random.nextInt(CHANNELS.length)];
    }

    /** Above, before, below, behind; often the same on both sides, and none or little. */
    private int[] padding(int mostRows, int mostColumns) {
        int[] pad = {part(mostRows), part(mostColumns), part(mostRows), part(mostColumns)};
        return random.nextInt(3) == 0 ? pad : new int[] {pad[0], pad[1], pad[0], pad[1]};
    }

    private int part(int most) {
        return random.nextInt(2) * random.nextInt((random.nextBoolean() ? Math.min(most, 3) : most) + 1);
    }

    private void convolve(int number, ConvolutionCase c) {
        Function<long[], Layout> layout = random.nextBoolean() ? Layout::any : ConvolutionTest::channelsLast;
        Convolution plain = Convolution.of(
                layout.apply(c.sourceDims()),
                Layout.any(c.weightsDims()),
                layout.apply(c.destinationDims()),
                c.window());
        Convolution biased = plain.bias(Layout.plain(c.out()));
        Map<Arg, double[]> data = new LinkedHashMap<>();
        data.put(Arg.SOURCE, c.source());
        data.put(Arg.WEIGHTS, c.weights());
        data.put(Arg.BIAS, c.bias());
        data.put(Arg.DESTINATION_GRADIENT, c.gradient());
        double[] sums = c.forward(true);
        double[] relu = DoubleStream.of(sums).map(y -> Math.max(y, 0)).toArray();
        PostOps activation = PostOps.NONE.eltwise(Eltwise.Function.RELU, 0, 0);
        if (random.nextBoolean()) {
            check(number, c, biased.postOps(activation), data, Map.of(Arg.DESTINATION, relu));
        } else {
            check(number, c, biased.pass(Pass.TRAINING), data, Map.of(Arg.DESTINATION, sums));
        }
        check(number, c, plain.pass(Pass.BACKWARD), data, Map.of(Arg.SOURCE_GRADIENT, c.sourceGradient()));
        Map<Arg, double[]> weights = new LinkedHashMap<>(Map.of(Arg.WEIGHTS_GRADIENT, c.weightsGradient()));
        boolean withBias = random.nextBoolean();
        if (withBias) {
            weights.put(Arg.BIAS_GRADIENT, c.biasGradient());
        }
        check(number, c, (withBias ? biased : plain).pass(Pass.BACKWARD_WEIGHTS), data, weights);
    }

    private void pool(int number, ConvolutionCase c) {
        Layout source = image(c.sourceDims());
        Layout destination = source.resized(c.destinationDims()).orElseThrow();
        double[] x = c.source();
        double[] dy = c.gradient();
        int[] best = new int[dy.length];
        double[] means = new double[dy.length];
        double[] shares = new double[x.length];
        double[] largest = new double[dy.length];
        double[] winners = new double[x.length];
        double area = c.kh() * c.kw();
        Arrays.fill(best, -1);
        c.taps((s, t, d, o) -> {
            best[d] = best[d] < 0 || x[s] > x[best[d]] ? s : best[d];
            means[d] += x[s] / area;
            shares[s] += dy[d] / area;
        });
        for (int d = 0; d < best.length; d++) {
            largest[d] = x[best[d]];
            winners[best[d]] += dy[d];
        }
        Pooling max = Pooling.of(Pooling.Kind.MAX, source, destination, c.window());
        Pooling mean = Pooling.of(Pooling.Kind.PADDED_MEAN, source, destination, c.window());
        Map<Arg, double[]> images = Map.of(Arg.SOURCE, x);
        check(number, c, max, images, Map.of(Arg.DESTINATION, largest));
        check(number, c, mean, images, Map.of(Arg.DESTINATION, means));
        Map<Arg, double[]> gradients = new LinkedHashMap<>(Map.of(Arg.DESTINATION_GRADIENT, dy));
        check(number, c, mean.pass(Pass.BACKWARD), gradients, Map.of(Arg.SOURCE_GRADIENT, shares));
        double[] places = check(number, c, max.pass(Pass.TRAINING), images, Map.of(Arg.DESTINATION, largest))
                .get(Arg.WORKSPACE);
        if (places != null) {
            gradients.put(Arg.WORKSPACE, places);
            check(number, c, max.pass(Pass.BACKWARD), gradients, Map.of(Arg.SOURCE_GRADIENT, winners));
        }
    }

    private Layout image(long[] dims) {
        List<Layout> layouts = List.of(
                Layout.plain(dims),
                ConvolutionTest.channelsLast(dims),
                blocked.resized(dims).orElseThrow());
        return layouts.get(random.nextInt(layouts.size()));
    }

    /** What one of the kernels computes; nothing if there is none. */
    private Map<Arg, double[]> check(
            int number, ConvolutionCase c, Operation operation, Map<Arg, double[]> data, Map<Arg, double[]> expected) {
        System.out.println(number + " makes " + operation);
        UnaryOperator<String> rival = RIVALS.get(random.nextInt(RIVALS.size()));
        try (Primitive primitive = Primitive.of(operation, rival)) {
            System.out.println(number + " runs " + primitive);
            Map<Arg, double[]> results = Tensors.run(primitive, data);
            double products = Math.max(c.in() * c.kh() * c.kw() / 16.0, c.n() * 16);
            expected.forEach(
                    (arg, values) -> Tensors.requireClose(primitive, arg, results.get(arg), values, EACH * products));
            return results;
        } catch (NoImplementationException none) {
            return Map.of();
        }
    }
}
