package dev.fluxion.engine;

import dev.fluxion.ir.AxisRule.Along;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Value;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Puts values into the middle of a network: they come out of convolutions, whose images are a batch, with the batch along any of
 * their axes, and are exactly what they were.
 */
final class Host {
    private static final int CHANNELS = 16;
    /** More than a convolution gives. */
    private static final double LARGE = 1e6;

    /** The values of the leaves by name. */
    final Map<String, Value> values = new LinkedHashMap<>();

    private final int batch;

    Host(int batch) {
        this.batch = batch;
    }

    /** A value that has nothing to do with the batch, as its only sample would. */
    Expr whole(String name, Value value, DType type) {
        Shape shape = value.shape();
        int[] dims =
                IntStream.concat(IntStream.of(1), IntStream.of(shape.dims())).toArray();
        values.put(name, new Value(Shape.of(dims), value.data()));
        return Expr.input(name, Shape.of(dims), type).reshape(shape);
    }

    /** A value with the batch along an axis, out of a convolution. */
    Expr divided(String name, Value value, DType type, Along along) {
        Shape shape = value.shape();
        Expr plain = Expr.input("plain", shape);
        Shape first = first(shape, along);
        Value samples = new Interpreter()
                .bind("plain", value)
                .evaluate(toFront(plain, along.axis()).reshape(first.dims()));
        values.put(name, samples);
        Expr x = through(Expr.input(name, first, type), name);
        return toBack(x.reshape(toFront(plain, along.axis()).shape().dims()), along.axis());
    }

    /** A value with the batch along an axis, into a convolution's result. */
    Expr read(Expr y, Along along) {
        Expr x = toFront(y, along.axis()).reshape(first(y.shape(), along).dims());
        return through(x, "result");
    }

    /** Samples, and what each consists of; images stay images. */
    private Shape first(Shape shape, Along along) {
        return along.axis() == 0 && shape.rank() == 4 && along.step() == 1
                ? shape
                : Shape.of(batch, shape.size() / batch);
    }

    /** The samples, where a convolution gives numbers below a large one: everywhere. */
    private Expr through(Expr x, String name) {
        boolean images = x.shape().rank() == 4;
        int rows = images ? x.shape().dim(2) : 1;
        int columns = images ? x.shape().dim(3) : 1;
        Shape shape = Shape.of(batch, CHANNELS, rows, columns);
        Shape weights = Shape.of(x.shape().dim(1), CHANNELS, 1, 1);
        values.put(name + " image", uniform(shape));
        values.put(name + " weight", uniform(weights));
        Expr conv = Expr.input(name + " image", shape)
                .conv(Expr.parameter(name + " weight", weights), ConvSpec.of())
                .reshape(x.shape().dims());
        return conv.lt(LARGE).where(x, x.dtype() == DType.INT ? conv.toInt() : conv);
    }

    private static Value uniform(Shape shape) {
        double[] data = new SplittableRandom(shape.size())
                .doubles(shape.size(), -1, 1)
                .map(d -> (float) d)
                .toArray();
        return new Value(shape, data);
    }

    private static Expr toFront(Expr e, int axis) {
        return e.transpose(IntStream.range(0, e.shape().rank())
                .map(i -> i == 0 ? axis : i <= axis ? i - 1 : i)
                .toArray());
    }

    private static Expr toBack(Expr e, int axis) {
        return e.transpose(IntStream.range(0, e.shape().rank())
                .map(i -> i == axis ? 0 : i < axis ? i + 1 : i)
                .toArray());
    }

    /** The operands of a node, each as a rule takes it. */
    List<Expr> operands(Expr node, List<Value> operands, List<Along> takes) {
        return IntStream.range(0, operands.size())
                .mapToObj(i -> {
                    DType type = node.input(i).dtype();
                    return takes.get(i).isWhole()
                            ? whole("operand " + i, operands.get(i), type)
                            : divided("operand " + i, operands.get(i), type, takes.get(i));
                })
                .toList();
    }
}
