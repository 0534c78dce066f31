package dev.fluxion.engine;

import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import dev.fluxion.ir.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Grows an expression graph at random: each step applies an operator to nodes that are there, recent ones rather than old
 * ones, so that chains, forks and joins appear. Values stay within a few units, so that error bounds stay tight.
 */
final class RandomGraph {
    private static final int MOST = 3000;

    /** The values of inputs and parameters by name. */
    final Map<String, Value> values = new LinkedHashMap<>();
    /** The floating-point inputs and parameters. */
    final List<Expr> leaves = new ArrayList<>();
    /** All floating-point nodes that were grown, oldest first. */
    final List<Expr> nodes = new ArrayList<>();

    private final SplittableRandom random;
    private final List<Supplier<Expr>> steps = List.of(
            this::convolution,
            this::convolution,
            this::pooling,
            this::unary,
            this::unary,
            this::unary,
            this::binary,
            this::binary,
            this::product,
            this::product,
            this::movement,
            this::movement,
            this::reduction,
            this::normalised,
            this::standardised,
            this::choice,
            this::joined);

    RandomGraph(long seed, int size) {
        random = new SplittableRandom(seed);
        int channels = one(1, 3, 8, 16, 17);
        int extent = between(4, 9);
        nodes.add(leaf(false, Shape.of(one(1, 2, 3), channels, extent, extent)));
        nodes.add(leaf(coin(), Shape.of(between(1, 9), one(1, 4, 8, 17))));
        while (nodes.size() < size + 2) {
            Expr next = steps.get(random.nextInt(steps.size())).get();
            if (next.shape().size() <= MOST && next.shape().size() > 0) {
                nodes.add(next);
            }
        }
    }

    boolean coin() {
        return random.nextBoolean();
    }

    int between(int least, int most) {
        return random.nextInt(least, most + 1);
    }

    int one(int... of) {
        return of[random.nextInt(of.length)];
    }

    /** Any node, recent ones rather than old ones. */
    Expr any() {
        int back = Math.min(random.nextInt(nodes.size()), random.nextInt(nodes.size()));
        return nodes.get(nodes.size() - 1 - back);
    }

    private Expr any(int rank) {
        List<Expr> fit = nodes.stream().filter(e -> e.shape().rank() == rank).toList();
        return fit.isEmpty()
                ? leaf(false, shape(rank))
                : fit.get(Math.max(between(0, fit.size() - 1), between(0, fit.size() - 1)));
    }

    private Shape shape(int rank) {
        int[] dims = new int[rank];
        Arrays.setAll(dims, i -> one(1, 2, 3, 5, 8));
        return Shape.of(dims);
    }

    /** A new parameter or input of numbers in [−1, 1]. */
    private Expr leaf(boolean parameter, Shape shape) {
        String name = (parameter ? "p" : "x") + leaves.size();
        double[] data = new double[shape.size()];
        Arrays.setAll(data, i -> (float) random.nextDouble(-1, 1));
        values.put(name, new Value(shape, data));
        Expr leaf = parameter ? Expr.parameter(name, shape) : Expr.input(name, shape);
        leaves.add(leaf);
        return leaf;
    }

    private Expr convolution() {
        Expr x = any(4);
        int channels = x.shape().dim(1);
        int groups = channels > 1 && one(0, 0, 0, 1) == 1 ? (channels % 2 == 0 ? one(2, channels) : channels) : 1;
        int kernel =
                Math.min(one(1, 2, 3, 3), Math.min(x.shape().dim(2), x.shape().dim(3)) + 1);
        ConvSpec spec = new ConvSpec(Size.of(one(1, 1, 2)), Size.of(kernel / 2), Size.of(1), groups);
        int filters = groups > 1 ? groups * one(1, 2) : one(1, 3, 8, 16, 17);
        Expr w = leaf(true, Shape.of(filters, channels / groups, kernel, kernel));
        Expr y = x.conv(w, spec);
        if (one(0, 1, 2) > 0) {
            Expr b = leaf(true, Shape.of(filters));
            y = y.add(b.reshape(1, filters, 1, 1));
        }
        double fan = kernel * kernel * channels / (double) groups;
        return coin() ? activation(y) : y.mul(1 / Math.sqrt(fan));
    }

    private Expr activation(Expr y) {
        return switch (between(0, 6)) {
            case 0 -> y.tanh();
            case 1 -> y.sigmoid();
            case 2 -> y.elu(1);
            case 3 -> y.gelu();
            case 4 -> y.leakyRelu(0.1);
            default -> y.relu();
        };
    }

    private Expr pooling() {
        Expr x = any(4);
        int kernel = Math.min(one(2, 2, 3), Math.min(x.shape().dim(2), x.shape().dim(3)));
        PoolSpec spec = new PoolSpec(Size.of(kernel), Size.of(one(1, 2, 2, 3)), Size.of(coin() ? kernel / 2 : 0));
        return coin() ? x.maxPool(spec) : x.avgPool(spec);
    }

    private Expr unary() {
        List<UnaryOperator<Expr>> functions = List.of(
                this::activation,
                this::activation,
                Expr::neg,
                Expr::abs,
                x -> x.tanh().exp(),
                x -> x.square().add(1).log(),
                x -> x.sin().mul(2),
                Expr::softplus,
                Expr::silu,
                x -> x.square().add(0.5).sqrt(),
                x -> x.square().add(1).reciprocal(),
                x -> x.mul(0.5).mul(3).add(0).mul(1),
                Expr::stopGradient,
                x -> Expr.constant(0).sub(x).div(1),
                x -> Expr.constant(0).add(x).sub(0),
                x -> Expr.constant(1).mul(x).add(Expr.constant(2).mul(3).neg()),
                x -> Expr.constant(1).div(x.square().add(1)),
                x -> x.transpose(permutation(x.shape().rank()))
                        .transpose(permutation(x.shape().rank())),
                x -> x.require(x.lt(1e6), "values must be small"),
                x -> x.erf().add(x.cos()));
        return functions.get(random.nextInt(functions.size())).apply(any());
    }

    private Expr binary() {
        Expr a = any();
        Expr b = partner(a);
        return switch (between(0, 6)) {
            case 0 -> a.add(b);
            case 1 -> a.sub(b);
            case 2 -> a.mul(b.tanh());
            case 3 -> a.max(b);
            case 4 -> b.min(a);
            case 5 -> a.div(b.square().add(1));
            default -> a.add(a).sub(b);
        };
    }

    /** Something that broadcasts together with {@code a}. */
    private Expr partner(Expr a) {
        List<Expr> same = nodes.stream()
                .filter(e -> e.shape().equals(a.shape()) && e != a)
                .toList();
        if (!same.isEmpty() && one(0, 1, 2) > 0) {
            return same.get(random.nextInt(same.size()));
        }
        int[] dims = a.shape().dims();
        for (int i = 0; i < dims.length; i++) {
            dims[i] = coin() ? 1 : dims[i];
        }
        int drop = dims.length == 0 ? 0 : between(0, dims.length - 1);
        return leaf(coin(), Shape.of(Arrays.copyOfRange(dims, drop, dims.length)));
    }

    private Expr product() {
        if (one(0, 0, 1) == 1) {
            Expr a = any(3);
            Expr b = coin()
                    ? a.transposeLast()
                    : leaf(false, a.shape().with(-2, a.shape().dim(-1)).with(-1, one(1, 4, 16)));
            return a.matmul(b).mul(0.3);
        }
        Expr x = any();
        Expr a = x.shape().rank() == 2
                ? x
                : x.shape().rank() < 2 ? x.reshape(1, x.shape().size()) : x.flatten(1);
        int inner = a.shape().dim(1);
        int columns = one(1, 3, 8, 10, 17);
        if ((long) inner * columns > MOST) {
            return a.sumKeepDims(1);
        }
        Expr w = coin() ? leaf(true, Shape.of(columns, inner)).transposeLast() : leaf(true, Shape.of(inner, columns));
        Expr y = coin()
                ? a.matmul(w)
                : w.transposeLast().matmul(a.transposeLast()).transposeLast();
        Expr scaled = coin() ? y.mul(1 / Math.sqrt(inner)) : y.add(leaf(true, Shape.of(columns)));
        return coin() ? activation(scaled) : scaled.tanh();
    }

    private Expr movement() {
        Expr x = any();
        Shape s = x.shape();
        if (s.rank() == 0) {
            return x.broadcastTo(Shape.of(2, 3));
        }
        int axis = between(0, s.rank() - 1);
        switch (between(0, 6)) {
            case 0:
                return x.reshape(s.size() % 2 == 0 ? new int[] {2, s.size() / 2} : new int[] {s.size()});
            case 1:
                return x.transpose(permutation(s.rank()));
            case 2:
                int from = between(0, s.dim(axis) - 1);
                return x.slice(axis, from, between(from + 1, s.dim(axis)));
            case 3:
                return x.pad(axis, between(0, 2), between(0, 2), coin() ? 0 : 1.5);
            case 4:
                return s.rank() > 4 ? x : x.reshape(dims(s, 1)).broadcastTo(Shape.of(dims(s, between(1, 3))));
            case 5:
                return x.gather(axis, index(s.with(axis, between(1, 4)), s.dim(axis)));
            default:
                return x.flatten(axis);
        }
    }

    private static int[] dims(Shape s, int first) {
        int[] dims = new int[s.rank() + 1];
        dims[0] = first;
        System.arraycopy(s.dims(), 0, dims, 1, s.rank());
        return dims;
    }

    private Expr index(Shape shape, int bound) {
        String name = "i" + values.size();
        double[] data = new double[shape.size()];
        Arrays.setAll(data, i -> random.nextInt(bound));
        values.put(name, new Value(shape, data));
        return Expr.input(name, shape, DType.INT);
    }

    private int[] permutation(int length) {
        int[] order = new int[length];
        for (int i = 0; i < length; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    private Expr reduction() {
        Expr x = any();
        if (x.shape().rank() == 0) {
            return x;
        }
        int[] axes = Arrays.copyOf(
                permutation(x.shape().rank()), between(1, x.shape().rank()));
        return switch (between(0, 3)) {
            case 0 -> x.mean(axes);
            case 1 -> x.maxKeepDims(axes);
            case 2 ->
                x.sub(x.sumKeepDims(axes)
                        .mul(x.shape().without(axes).size() / (double) x.shape().size()));
            default -> x.mul(0.1).sumKeepDims(axes);
        };
    }

    private Expr normalised() {
        Expr x = any();
        if (x.shape().rank() == 0) {
            return x.tanh();
        }
        int axis = between(0, x.shape().rank() - 1);
        return coin() ? x.softmax(axis) : x.logSoftmax(axis);
    }

    /** A norm, which computes several results at once: by rows, or of channels, and then often a pooling that leaves rows over. */
    private Expr standardised() {
        Expr x = any(4);
        if (coin()) {
            int columns = x.shape().dim(3);
            return x.layerNorm(leaf(true, Shape.of(columns)), leaf(true, Shape.of(columns)), 0.1);
        }
        Expr means = x.moments(0, 2, 3);
        Expr scale = means.result(1).add(0.1).sqrt().reciprocal();
        Expr y = x.standardise(means, scale, leaf(true, scale.shape()));
        int kernel = Math.min(one(2, 3), Math.min(x.shape().dim(2), x.shape().dim(3)));
        return coin() ? y : y.maxPool(new PoolSpec(Size.of(kernel), Size.of(kernel), Size.of(0)));
    }

    private Expr choice() {
        Expr x = any();
        Expr mask = Expr.uniform(nodes.size(), x.shape()).lt(0.7);
        return coin() ? mask.where(x.mul(1 / 0.7), Expr.constant(0)) : x.gt(0.1).where(x, partner(x));
    }

    private Expr joined() {
        Expr x = any();
        if (x.shape().rank() == 0) {
            return x.add(1);
        }
        int axis = between(0, x.shape().rank() - 1);
        List<Expr> parts = new ArrayList<>(nodes.stream()
                .filter(e -> e.shape().rank() == x.shape().rank()
                        && e.shape().with(axis, 1).equals(x.shape().with(axis, 1)))
                .limit(3)
                .toList());
        parts.add(x);
        return Expr.concat(axis, parts);
    }
}
