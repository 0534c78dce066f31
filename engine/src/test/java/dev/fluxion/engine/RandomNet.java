package dev.fluxion.engine;

import dev.fluxion.Tensor;
import dev.fluxion.engine.graph.CommonSubexpressions;
import dev.fluxion.engine.graph.Simplify;
import dev.fluxion.engine.partition.BatchPartition;
import dev.fluxion.engine.partition.Tiling;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import dev.fluxion.ir.Update;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * A convolutional net drawn at random, so wide that the channels of a single sample are divided. It says how its program is
 * arranged; what programs compute is tested on smaller graphs.
 */
final class RandomNet {
    private static final int STEPS = 8;
    private static final int MOST_CHANNELS = 160;

    /** Three of four nets see a single sample. */
    final int batch;

    private final Random random;
    private final List<Expr> parameters = new ArrayList<>();
    private final List<Expr> images = new ArrayList<>();
    private final Expr stem;

    RandomNet(int seed) {
        this.random = new Random(seed);
        this.batch = seed % 4 == 0 ? 6 : 1;
        int extent = one(12, 13, 16);
        images.add(Expr.input("x", Shape.of(batch, one(3, 16, 32), extent, extent)));
        stem = parameter(one(32, 64), images.get(0).shape().dim(1), 3, 3);
        images.add(images.get(0).conv(stem, padded(3, 1)));
        while (images.size() < STEPS) {
            Expr next = next(any());
            if (next.shape().dim(1) <= MOST_CHANNELS) {
                images.add(next);
            }
        }
    }

    /** What is looked at of an arranged net. */
    interface Check {
        void of(int seed, BatchPartition.Tiled divided, Parameters parameters);
    }

    /** Looks at the predictions and trainings of so many nets. */
    static void each(int count, Check check) {
        for (int seed = 0; seed < count; seed++) {
            RandomNet net = new RandomNet(seed);
            for (Graph drawn : List.of(net.prediction(), net.training())) {
                Graph graph = CommonSubexpressions.apply(Simplify.apply(drawn));
                try (Parameters parameters = zeros(graph)) {
                    check.of(seed, net.divided(graph), parameters);
                }
            }
        }
    }

    private int one(int... of) {
        return of[random.nextInt(of.length)];
    }

    /** Recent images rather than old ones. */
    private Expr any() {
        int back = Math.min(random.nextInt(images.size()), random.nextInt(images.size()));
        return images.get(images.size() - 1 - back);
    }

    private Expr parameter(int... dims) {
        Expr parameter = Expr.parameter("p" + parameters.size(), Shape.of(dims));
        parameters.add(parameter);
        return parameter;
    }

    private Expr next(Expr x) {
        int channels = x.shape().dim(1);
        return switch (random.nextInt(8)) {
            case 0, 1, 2 -> convolution(x, one(24, 32, 64, 96));
            case 3 -> pooling(x);
            case 4 -> joined(x);
            case 5 -> {
                int half = channels / 2;
                yield half == 0
                        ? x.tanh()
                        : x.slice(1, 0, half)
                                .mul(x.slice(1, channels - half, channels).sigmoid());
            }
            case 6 -> {
                Expr means = x.mean(2, 3).matmul(parameter(channels, channels));
                yield x.mul(means.sigmoid().reshape(batch, channels, 1, 1));
            }
            default -> activation(x);
        };
    }

    private static ConvSpec padded(int side, int groups) {
        return new ConvSpec(Size.of(1), Size.of(side / 2), Size.of(1), groups);
    }

    private Expr convolution(Expr x, int filters) {
        int channels = x.shape().dim(1);
        int groups = channels % 2 == 0 ? one(1, 1, 1, 2) : 1;
        int side = one(1, 3, 3, 5);
        Expr w = one(0, 1, 2) == 0
                ? parameter(filters + 16, channels / groups, side, side).slice(0, 16, 16 + filters)
                : parameter(filters, channels / groups, side, side);
        Expr y = x.conv(w, padded(side, groups));
        return activation(one(0, 1) == 0 ? y : y.add(parameter(filters).reshape(1, filters, 1, 1)));
    }

    private Expr activation(Expr x) {
        return switch (random.nextInt(4)) {
            case 0 -> x.relu();
            case 1 -> x.tanh();
            case 2 -> x.sigmoid().mul(2);
            default -> x;
        };
    }

    private Expr pooling(Expr x) {
        int stride = x.shape().dim(2) < 8 ? 1 : one(1, 2);
        PoolSpec spec = new PoolSpec(Size.of(3), Size.of(stride), Size.of(1));
        return one(0, 1) == 0 ? x.maxPool(spec) : x.avgPool(spec);
    }

    /** The sum with other images, or their channels behind these. */
    private Expr joined(Expr x) {
        Expr y = any();
        if (y != x && y.shape().equals(x.shape())) {
            return x.add(y);
        }
        boolean fits = y.shape().dim(2) == x.shape().dim(2);
        return Expr.concat(1, List.of(x, fits ? y : activation(x)));
    }

    /** What the net says, in 32 numbers for each sample, by a product that is large enough to be divided. */
    private Expr answer() {
        Expr flat = any().flatten(1);
        int inner = flat.shape().dim(1);
        Expr w = one(0, 1) == 0 ? parameter(32, inner).transposeLast() : parameter(inner, 32);
        return activation(flat.matmul(w));
    }

    /** An answer and images on the way to it. */
    private Graph prediction() {
        return Graph.of(outputs("answer", answer()));
    }

    /** An output and images on the way, in this order. */
    private Map<String, Expr> outputs(String name, Expr output) {
        Map<String, Expr> outputs = new LinkedHashMap<>();
        outputs.put(name, output);
        outputs.put("images", any());
        return outputs;
    }

    /** A step of training; then the weights that it has changed are used again. */
    private Graph training() {
        Expr answer = answer();
        Expr loss = answer.square().mean();
        Update.Rule momentum =
                (w, g, state) -> w.sub(state.keep("m", m -> m.mul(0.5).add(g)).mul(state.learningRate()));
        Update update = new Update(parameters, Gradients.of(loss, parameters), one(0, 1) == 0 ? TinyNet.SGD : momentum);
        Expr others = Expr.input("others", images.get(0).shape()).conv(stem, padded(3, 1));
        return Graph.of(
                new Graph.Stage("step", Map.of("loss", loss), List.of(update)),
                new Graph.Stage("after", outputs("others", others), List.of()));
    }

    /** The batch or the channels divided. */
    private BatchPartition.Tiled divided(Graph graph) {
        return batch == 1
                ? BatchPartition.byChannels(graph, 2)
                : BatchPartition.apply(graph, new Tiling(batch, one(2, 3, 6), one(1, 2)));
    }

    /** Zeros for the parameters of a graph. */
    private static Parameters zeros(Graph graph) {
        Map<String, Tensor> zeros = graph.parameters().stream()
                .collect(Collectors.toMap(
                        p -> ((Leaf.Parameter) p.op()).name(),
                        p -> Tensor.of(new float[p.shape().size()], p.shape()),
                        (a, b) -> a,
                        LinkedHashMap::new));
        return Parameters.of(zeros);
    }
}
