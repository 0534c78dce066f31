package dev.fluxion.engine;

import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import dev.fluxion.ir.Size;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Convolutions and poolings of drawn geometries with their gradients, as programs compute them in whatever form, against the
 * interpreter. A process of its own: what a kernel does to it is part of the result.
 */
final class GeometrySweep {
    private static final int[] CHANNELS = {1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 24, 32, 33};
    /** Products of a geometry, not to wait for the interpreter. */
    private static final double MOST = 150_000;

    private final SplittableRandom random;
    private final Leaves leaves = new Leaves(0.3);

    private GeometrySweep(SplittableRandom random) {
        this.random = random;
    }

    /** Checks so many geometries, from the given number on; says before each what it is. */
    public static void main(String[] arguments) {
        int first = Integer.parseInt(arguments[0]);
        int count = Integer.parseInt(arguments[1]);
        for (int i = first; i < first + count; i++) {
            new GeometrySweep(new SplittableRandom(i)).check(i);
        }
        System.out.println(count + " geometries agree");
    }

    private void check(int number) {
        Expr y = drawn();
        List<Expr> parameters = Graph.of(Map.of("y", y)).parameters();
        parameters.forEach(p -> leaves.bound(((Leaf.Parameter) p.op()).name(), p, 0.5));
        boolean training = random.nextInt(3) > 0;
        System.out.println(number + (training ? " trains " : " predicts ") + y + " from " + parameters);
        Graph graph = Match.withGradients(y, training ? parameters : List.of(), leaves.values, number);
        Match.check(number + "", graph, leaves.values, number, 1 + random.nextInt(2));
    }

    private Expr drawn() {
        while (true) {
            try {
                Drawn drawn = random.nextInt(3) > 0 ? convolution() : pooling();
                if (drawn.y.shape().size() * drawn.taps < MOST) {
                    return drawn.y;
                }
            } catch (ShapeException misfit) {
                // Another one will fit.
            }
        }
    }

    /** Results, and how many products make each of them. */
    private record Drawn(Expr y, double taps) {}

    /** With a bias and an activation, as they are fused, or without. */
    private Drawn convolution() {
        boolean whole = random.nextInt(4) > 0;
        int groups = whole ? 1 : random.nextInt(1, 17);
        int c = whole ? channels() : random.nextInt(1, 4);
        int k = groups * (whole ? channels() : random.nextInt(1, 4));
        boolean extreme = random.nextInt(8) == 0;
        ConvSpec spec = new ConvSpec(
                extreme ? Size.of(large(), large()) : Size.of(random.nextInt(1, 5), random.nextInt(1, 5)),
                extreme ? Size.of(large(), large()) : Size.of(padding(), padding()),
                extreme ? Size.of(large(), large()) : Size.of(gap(), gap()),
                groups);
        Shape kernel = Shape.of(k, c, random.nextInt(1, 8), random.nextInt(1, 8));
        Expr conv = images(groups * c).conv(Expr.parameter("w", kernel), spec);
        Expr bias = Expr.parameter("b", Shape.of(k)).reshape(1, k, 1, 1);
        return new Drawn(
                random.nextBoolean() ? conv : conv.add(bias).relu(),
                kernel.without(0).size());
    }

    private Drawn pooling() {
        boolean extreme = random.nextInt(8) == 0;
        Size kernel = extreme ? Size.of(large(), large()) : Size.of(random.nextInt(1, 8), random.nextInt(1, 8));
        Size stride = extreme ? Size.of(large(), large()) : Size.of(random.nextInt(1, 5), random.nextInt(1, 5));
        PoolSpec spec = new PoolSpec(kernel, stride, Size.of(half(kernel.h()), half(kernel.w())));
        Expr x = images(channels());
        return new Drawn(
                random.nextBoolean() ? x.maxPool(spec) : x.avgPool(spec),
                Math.min(spec.area(), x.shape().dim(2) * x.shape().dim(3)));
    }

    private Expr images(int channels) {
        int count = random.nextInt(4) == 0 ? random.nextInt(4, 17) : random.nextInt(1, 4);
        return Expr.parameter("x", Shape.of(count, channels, random.nextInt(1, 13), random.nextInt(1, 13)));
    }

    private int channels() {
        return CHANNELS[random.nextInt(CHANNELS.length)];
    }

    private int padding() {
        return random.nextInt(2) * random.nextInt(random.nextBoolean() ? 4 : 13);
    }

    private int gap() {
        return 1 + random.nextInt(2) * random.nextInt(4);
    }

    private int half(int kernel) {
        return random.nextInt(2) * (kernel / 2 - random.nextInt(Math.min(kernel / 2 + 1, 3)));
    }

    /** About a power of two, often the largest int. */
    private int large() {
        long power = 1L << random.nextInt(1, 32);
        return (int) Math.max(1, Math.min(power - 2 + random.nextInt(4), Integer.MAX_VALUE));
    }
}
