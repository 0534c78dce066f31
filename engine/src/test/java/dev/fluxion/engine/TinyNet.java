package dev.fluxion.engine;

import dev.fluxion.Tensor;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import dev.fluxion.ir.Update;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Predicate;

/**
 * A net as small as can be that has what makes engines stumble: convolutions whose channels fill no block, a bias, an
 * activation, pooling, dropout, a linear layer and a softmax over labels.
 */
final class TinyNet {
    static final int FILTERS = 11;
    static final Update.Rule SGD = (w, g, state) -> w.sub(g.mul(state.learningRate()));

    private static final int CLASSES = 5;
    private static final int SIDE = 8;
    private static final Map<String, Shape> SHAPES = shapes();

    final int batch;
    final List<Expr> parameters;
    final Expr loss;
    private final Expr logits;

    TinyNet(int batch) {
        this(batch, true);
    }

    TinyNet(int batch, boolean dropout) {
        this.batch = batch;
        this.parameters = SHAPES.entrySet().stream()
                .map(e -> Expr.parameter(e.getKey(), e.getValue()))
                .toList();
        this.logits = logits(false);
        Expr target = Expr.input("target", Shape.of(batch), DType.INT);
        this.loss = logits(dropout)
                .logSoftmax(1)
                .gather(1, target.reshape(batch, 1))
                .neg()
                .mean();
    }

    private static Map<String, Shape> shapes() {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        shapes.put("conv1.weight", Shape.of(FILTERS, 3, 3, 3));
        shapes.put("conv1.bias", Shape.of(FILTERS));
        shapes.put("conv2.weight", Shape.of(FILTERS, FILTERS, 3, 3));
        shapes.put("conv2.bias", Shape.of(FILTERS));
        shapes.put("linear.weight", Shape.of(CLASSES, FILTERS * 4));
        shapes.put("linear.bias", Shape.of(CLASSES));
        return shapes;
    }

    private Expr logits(boolean dropout) {
        ConvSpec padded = new ConvSpec(Size.of(1), Size.of(1), Size.of(1), 1);
        PoolSpec halved = new PoolSpec(Size.of(2), Size.of(2), Size.of(0));
        Expr x = Expr.input("input", Shape.of(batch, 3, SIDE, SIDE));
        Expr a = x.conv(parameters.get(0), padded).add(channels(1)).relu().maxPool(halved);
        Expr b = a.conv(parameters.get(2), padded).add(channels(3)).tanh().avgPool(halved);
        Expr kept = dropout ? Expr.uniform(1, b.shape()).lt(0.8).where(b.mul(1.25), Expr.constant(0)) : b;
        return kept.flatten(1).matmul(parameters.get(4).transposeLast()).add(parameters.get(5));
    }

    private Expr channels(int bias) {
        return parameters.get(bias).reshape(1, FILTERS, 1, 1);
    }

    /** What the net says, dropout off. */
    Expr output() {
        return logits;
    }

    Graph inference() {
        return Graph.of(Map.of("output", logits));
    }

    /** Forward with the loss, then the update of the parameters of accepted names. */
    Graph training(Update.Rule rule, Predicate<String> trained) {
        List<Expr> some = parameters.stream()
                .filter(p -> trained.test(((Leaf.Parameter) p.op()).name()))
                .toList();
        return Graph.of(
                new Graph.Stage("forward", Map.of("loss", loss), List.of()),
                new Graph.Stage("update", Map.of(), List.of(new Update(some, Gradients.of(loss, some), rule))));
    }

    static Map<String, Tensor> weights(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, Tensor> weights = new LinkedHashMap<>();
        SHAPES.forEach((name, shape) -> {
            float[] data = new float[shape.size()];
            double bound = Math.sqrt(shape.dim(0) / (double) shape.size());
            for (int i = 0; i < data.length; i++) {
                data[i] = (float) random.nextDouble(-bound, bound);
            }
            weights.put(name, Tensor.of(data, shape));
        });
        return weights;
    }

    float[] images(int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] images = new float[batch * 3 * SIDE * SIDE];
        for (int i = 0; i < images.length; i++) {
            images[i] = (float) random.nextDouble(-1, 1);
        }
        return images;
    }

    int[] labels(int seed) {
        return new SplittableRandom(seed).ints(batch, 0, CLASSES).toArray();
    }

    /** Gives both the same samples. */
    void write(Program program, Interpreter oracle, int seed) {
        writeImages(program, oracle, seed);
        Tensor labels = Tensor.labels(labels(seed));
        program.write("target", labels);
        oracle.bind("target", labels.toValue());
    }

    /** Gives both the same samples to predict. */
    void writeImages(Program program, Interpreter oracle, int seed) {
        Tensor images = Tensor.of(images(seed), Shape.of(batch, 3, SIDE, SIDE));
        program.write("input", images);
        oracle.bind("input", images.toValue());
    }
}
