package dev.fluxion.ir;

import dev.fluxion.ir.AxisRule.Along;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Operators that combine the elements along some axes; those axes stay, with extent 1. */
public sealed interface Reduction extends Op {
    /** The axes, counted from the front, ascending. */
    List<Integer> axes();

    @Override
    default Shape shape(List<Expr> inputs) {
        Errors.requireFloat(this, inputs);
        return inputs.get(0).shape().keeping(axes().stream().mapToInt(a -> a).toArray());
    }

    /** How parts along the axes are combined. */
    AxisRule.Join join();

    @Override
    default List<AxisRule> axes(Expr node) {
        Shape x = node.input(0).shape();
        return IntStream.range(0, x.rank())
                .mapToObj(axis -> axes().contains(axis)
                        ? new AxisRule(join(), x.dim(axis), Along.WHOLE, List.of(Along.axis(axis)))
                        : AxisRule.same(node, axis))
                .toList();
    }

    /** Combines with {@code fold}, which changes the accumulator at an index of the result. */
    private static double[] fold(Expr node, double[] x, double start, Strides.Fold fold) {
        double[] out = new double[node.shape().size()];
        Arrays.fill(out, start);
        Shape in = node.input(0).shape();
        int[] strides = Strides.broadcast(node.shape(), in);
        Strides.walk(in, strides, (from, to) -> fold.accept(out, to, x[from]));
        return out;
    }

    /**
     * The sum.
     *
     * @param axes the axes to sum over
     */
    record Sum(List<Integer> axes) implements Reduction {
        @Override
        public AxisRule.Join join() {
            return AxisRule.Join.SUM;
        }

        @Override
        public List<Expr> gradient(Expr node, Expr g) {
            return List.of(g.broadcastTo(node.input(0).shape()));
        }

        @Override
        public double[] evaluate(Expr node, double[][] in) {
            return fold(node, in[0], 0, (acc, i, x) -> acc[i] += x);
        }

        @Override
        public Sensitivity sensitivity() {
            return Sensitivity.SUM;
        }

        @Override
        public String toString() {
            return "sum" + axes;
        }
    }

    /**
     * The largest element; elements that tie share the gradient equally. A NaN wins.
     *
     * @param axes the axes to look along
     */
    record Max(List<Integer> axes) implements Reduction {
        @Override
        public Shape shape(List<Expr> inputs) {
            Shape x = inputs.get(0).shape();
            if (axes.stream().anyMatch(axis -> x.dim(axis) == 0)) {
                throw new ShapeException(Errors.emptyMaximum(this, x));
            }
            return Reduction.super.shape(inputs);
        }

        @Override
        public AxisRule.Join join() {
            return AxisRule.Join.MAXIMUM;
        }

        @Override
        public List<Expr> gradient(Expr node, Expr g) {
            Expr x = node.input(0);
            Expr hit = x.eq(node.broadcastTo(x.shape()));
            Expr ties = new Expr(new Sum(axes), List.of(hit));
            return List.of(hit.mul(g.div(ties).broadcastTo(x.shape())));
        }

        @Override
        public double[] evaluate(Expr node, double[][] in) {
            return fold(node, in[0], Double.NEGATIVE_INFINITY, (acc, i, x) -> acc[i] = Math.max(acc[i], x));
        }

        @Override
        public Sensitivity sensitivity() {
            return Sensitivity.MONOTONE;
        }

        @Override
        public String toString() {
            return "max" + axes;
        }
    }
}
