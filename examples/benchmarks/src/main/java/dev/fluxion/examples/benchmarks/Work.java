package dev.fluxion.examples.benchmarks;

import dev.fluxion.ir.Shape;
import java.util.List;
import java.util.function.UnaryOperator;

/** Counts the operations of a net's convolutions and matrix products, following the shape of one sample through it. */
final class Work implements Piece.Maker<UnaryOperator<Shape>> {
    private double operations;
    private double first;

    private Work() {}

    /**
     * Floating-point operations of a step; a multiplication with its addition is two. In training each layer has two gradients,
     * but the first one, whose input nobody changes.
     */
    static double of(Cell cell) {
        Net net = Net.named(cell.net());
        Work work = new Work();
        through(Piece.makeAll(net.pieces(), work), net.sample());
        double sample = cell.mode() == Cell.Mode.TRAIN ? 3 * work.operations - work.first : work.operations;
        return cell.batch() * sample;
    }

    /** Operations a nanosecond, of a step that takes so many microseconds: GFLOP/s. */
    static double rate(Cell cell, double micros) {
        return of(cell) / (micros * 1e3);
    }

    private void add(double count) {
        first = operations == 0 ? count : first;
        operations += count;
    }

    @Override
    public UnaryOperator<Shape> conv(Piece.Conv conv) {
        return in -> {
            Shape out = Shape.of(conv.out(), extent(conv, in.dims()[1]), extent(conv, in.dims()[2]));
            add(2.0 * out.size() * conv.in() / conv.groups() * conv.kernel() * conv.kernel());
            return out;
        };
    }

    @Override
    public UnaryOperator<Shape> norm(Piece.Norm norm) {
        return in -> in;
    }

    @Override
    public UnaryOperator<Shape> linear(Piece.Linear linear) {
        return in -> {
            add(2.0 * in.size() * linear.out());
            return in.with(in.rank() - 1, linear.out());
        };
    }

    @Override
    public UnaryOperator<Shape> plain(Piece.Plain plain) {
        return in -> switch (plain) {
            case MAX_POOL, AVG_POOL -> Shape.of(in.dims()[0], in.dims()[1] / 2, in.dims()[2] / 2);
            case UPSAMPLE -> Shape.of(in.dims()[0], 2 * in.dims()[1], 2 * in.dims()[2]);
            case GLOBAL_AVG_POOL -> Shape.of(in.dims()[0], 1, 1);
            case FLATTEN -> Shape.of(in.size());
            case MEAN_OF_STEPS -> in.without(0);
            case GELU, RELU, RELU6, SILU, TANH -> in;
        };
    }

    @Override
    public UnaryOperator<Shape> lstm(Piece.Lstm lstm) {
        return in -> {
            add(2.0 * in.size() * 4 * lstm.hidden());
            Shape out = in.with(1, lstm.hidden());
            add(2.0 * out.size() * 4 * lstm.hidden());
            return out;
        };
    }

    @Override
    public UnaryOperator<Shape> layerNorm(Piece.LayerNorm norm) {
        return in -> in;
    }

    /** What pairs of steps multiply is divided among heads. */
    @Override
    public UnaryOperator<Shape> attention(Piece.Attention attention) {
        UnaryOperator<Shape> products = linear(attention.products());
        UnaryOperator<Shape> result = linear(attention.result());
        return in -> {
            Shape mixed = products.apply(in).with(1, attention.width());
            add(2 * 2.0 * in.size() * in.dim(0));
            return result.apply(mixed);
        };
    }

    @Override
    public UnaryOperator<Shape> residual(List<UnaryOperator<Shape>> body, List<UnaryOperator<Shape>> shortcut) {
        return in -> {
            through(shortcut, in);
            return through(body, in);
        };
    }

    @Override
    public UnaryOperator<Shape> beside(List<UnaryOperator<Shape>> body) {
        return in -> {
            Shape more = through(body, in);
            return Shape.of(in.dims()[0] + more.dims()[0], in.dims()[1], in.dims()[2]);
        };
    }

    @Override
    public UnaryOperator<Shape> gated(Piece.Gated gated) {
        UnaryOperator<Shape> squeeze = conv(gated.squeeze());
        UnaryOperator<Shape> excite = conv(gated.excite());
        return in -> {
            Shape gate = excite.apply(squeeze.apply(Shape.of(in.dims()[0], 1, 1)));
            return Shape.of(gate.dims()[0], in.dims()[1], in.dims()[2]);
        };
    }

    private static int extent(Piece.Conv conv, int in) {
        return (in + 2 * conv.pad() - conv.dilation() * (conv.kernel() - 1) - 1) / conv.stride() + 1;
    }

    private static Shape through(List<UnaryOperator<Shape>> layers, Shape in) {
        Shape shape = in;
        for (UnaryOperator<Shape> layer : layers) {
            shape = layer.apply(shape);
        }
        return shape;
    }
}
