package dev.fluxion.ir;

import java.util.List;

/** Operators that normalise along an axis. Each is primitive because its composition overflows. */
public sealed interface Normalised extends Op {
    @Override
    default Sensitivity sensitivity() {
        return Sensitivity.OWN;
    }

    /** The axis, counted from the front. */
    int axis();

    @Override
    default Shape shape(List<Expr> inputs) {
        Errors.requireFloat(this, inputs);
        Shape x = inputs.get(0).shape();
        x.axis(axis());
        return x;
    }

    @Override
    default List<AxisRule> axes(Expr node) {
        return AxisRule.sameBut(node, axis());
    }

    /** The operator in terms of the others, which is its meaning where nothing overflows. */
    Expr decomposed(Expr x);

    /** The softmax or its logarithm of every line along the axis, stable by the largest element. */
    private static double[] evaluate(Expr node, int axis, double[] x, boolean log) {
        Shape shape = node.shape();
        int step = shape.strides()[axis];
        int length = shape.dim(axis);
        double[] out = new double[x.length];
        for (int start = 0; start < x.length; start++) {
            if (start / step % length == 0) {
                line(x, out, start, step, length, log);
            }
        }
        return out;
    }

    private static void line(double[] x, double[] out, int start, int step, int length, boolean log) {
        double max = Double.NEGATIVE_INFINITY;
        for (int i = 0, at = start; i < length; i++, at += step) {
            max = Math.max(max, x[at]);
        }
        double sum = 0;
        for (int i = 0, at = start; i < length; i++, at += step) {
            sum += Math.exp(x[at] - max);
        }
        double logSum = Math.log(sum);
        for (int i = 0, at = start; i < length; i++, at += step) {
            out[at] = log ? x[at] - max - logSum : Math.exp(x[at] - max) / sum;
        }
    }

    /**
     * eˣ over its sum along the axis.
     *
     * @param axis the axis, counted from the front
     */
    record Softmax(int axis) implements Normalised {
        @Override
        public Expr decomposed(Expr x) {
            Expr e = x.sub(x.maxKeepDims(axis)).exp();
            return e.div(e.sumKeepDims(axis));
        }

        @Override
        public List<Expr> gradient(Expr node, Expr g) {
            return List.of(node.mul(g.sub(node.mul(g).sumKeepDims(axis))));
        }

        @Override
        public double[] evaluate(Expr node, double[][] in) {
            return Normalised.evaluate(node, axis, in[0], false);
        }

        @Override
        public String toString() {
            return "softmax[" + axis + "]";
        }
    }

    /**
     * The logarithm of the softmax: x − log Σ eˣ along the axis.
     *
     * @param axis the axis, counted from the front
     */
    record LogSoftmax(int axis) implements Normalised {
        @Override
        public Expr decomposed(Expr x) {
            Expr shifted = x.sub(x.maxKeepDims(axis));
            return shifted.sub(shifted.exp().sumKeepDims(axis).log());
        }

        @Override
        public List<Expr> gradient(Expr node, Expr g) {
            return List.of(g.sub(node.exp().mul(g.sumKeepDims(axis))));
        }

        @Override
        public double[] evaluate(Expr node, double[][] in) {
            return Normalised.evaluate(node, axis, in[0], true);
        }

        @Override
        public String toString() {
            return "logSoftmax[" + axis + "]";
        }
    }
}
