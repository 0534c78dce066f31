package dev.fluxion.ir;

import java.util.Arrays;
import java.util.List;

/** Operators over the windows of images N×C×H×W. */
public sealed interface Pooling extends Op {
    @Override
    default Sensitivity sensitivity() {
        return Sensitivity.OWN;
    }

    /** The windows. */
    PoolSpec spec();

    /** Visits each tap inside the image of each window of each plane: output offset, input offset, tap number. */
    private static void taps(PoolSpec spec, Shape x, Shape y, Windows.Tap tap) {
        int planes = x.dim(0) * x.dim(1);
        int in = x.dim(2) * x.dim(3);
        int out = y.dim(2) * y.dim(3);
        for (int p = 0; p < planes; p++) {
            int from = p * in;
            int to = p * out;
            Windows.taps(
                    x,
                    y,
                    spec.kernel(),
                    spec.stride(),
                    spec.pad(),
                    Size.of(1),
                    (o, i, k) -> tap.at(to + o, from + i, k));
        }
    }

    /** The offset of the first largest element of each window; a NaN wins. */
    private static int[] largest(PoolSpec spec, Shape x, Shape y, double[] values) {
        int[] best = new int[y.size()];
        Arrays.fill(best, -1);
        taps(spec, x, y, (out, in, tap) -> {
            if (best[out] < 0 || values[in] > values[best[out]] || Double.isNaN(values[in])) {
                best[out] = in;
            }
        });
        return best;
    }

    /**
     * The largest element of each window; among equals the first in row-major order counts.
     *
     * @param spec the windows
     */
    record MaxPool(PoolSpec spec) implements Pooling {
        @Override
        public Shape shape(List<Expr> inputs) {
            Errors.requireFloat(this, inputs);
            return spec.output(this, inputs.get(0).shape());
        }

        @Override
        public List<Expr> gradient(Expr node, Expr g) {
            return List.of(new Expr(new MaxPoolGrad(spec), List.of(node.input(0), g)));
        }

        @Override
        public List<AxisRule> axes(Expr node) {
            return spec.axes(node, node.shape(), (units, place, window) -> AxisRule.of(node, units, place, window));
        }

        @Override
        public double[] evaluate(Expr node, double[][] in) {
            int[] best = largest(spec, node.input(0).shape(), node.shape(), in[0]);
            double[] out = new double[best.length];
            Arrays.setAll(out, i -> in[0][best[i]]);
            return out;
        }

        @Override
        public Sensitivity sensitivity() {
            return Sensitivity.MONOTONE;
        }

        @Override
        public String toString() {
            return "maxPool " + spec;
        }
    }

    /**
     * The gradient of a max-pooling, of its input and its output's gradient.
     *
     * @param spec the windows
     */
    record MaxPoolGrad(PoolSpec spec) implements Pooling {
        @Override
        public Shape shape(List<Expr> inputs) {
            Errors.requireFloat(this, inputs);
            Shape x = inputs.get(0).shape();
            Errors.requireShape(this, spec.output(this, x), inputs.get(1).shape());
            return x;
        }

        @Override
        public List<Expr> gradient(Expr node, Expr g) {
            throw new UnsupportedOperationException(Errors.noSecondDerivative("maxPool"));
        }

        @Override
        public List<AxisRule> axes(Expr node) {
            return spec.axes(
                    node,
                    node.input(1).shape(),
                    (units, place, window) -> AxisRule.of(node, units, window, window, place));
        }

        @Override
        public double[] evaluate(Expr node, double[][] in) {
            int[] best = largest(spec, node.shape(), node.input(1).shape(), in[0]);
            double[] out = new double[node.shape().size()];
            for (int i = 0; i < best.length; i++) {
                out[best[i]] += in[1][i];
            }
            return out;
        }

        @Override
        public String toString() {
            return "maxPoolGrad " + spec;
        }
    }

    /**
     * The mean of each window, padding counted as zeros.
     *
     * @param spec the windows
     */
    record AvgPool(PoolSpec spec) implements Pooling {
        @Override
        public Shape shape(List<Expr> inputs) {
            Errors.requireFloat(this, inputs);
            return spec.output(this, inputs.get(0).shape());
        }

        @Override
        public List<Expr> gradient(Expr node, Expr g) {
            return List.of(new Expr(new AvgPoolGrad(spec, node.input(0).shape()), List.of(g)));
        }

        @Override
        public List<AxisRule> axes(Expr node) {
            return spec.axes(node, node.shape(), (units, place, window) -> AxisRule.of(node, units, place, window));
        }

        @Override
        public double[] evaluate(Expr node, double[][] in) {
            double[] out = new double[node.shape().size()];
            double share = 1.0 / spec.area();
            taps(spec, node.input(0).shape(), node.shape(), (to, from, tap) -> out[to] += in[0][from] * share);
            return out;
        }

        @Override
        public String toString() {
            return "avgPool " + spec;
        }
    }

    /**
     * The gradient of an average pooling, of its output's gradient.
     *
     * @param spec the windows
     * @param input the shape of the pooling's input
     */
    record AvgPoolGrad(PoolSpec spec, Shape input) implements Pooling {
        @Override
        public Shape shape(List<Expr> inputs) {
            Errors.requireFloat(this, inputs);
            Errors.requireShape(this, spec.output(this, input), inputs.get(0).shape());
            return input;
        }

        @Override
        public List<Expr> gradient(Expr node, Expr g) {
            return List.of(g.avgPool(spec));
        }

        @Override
        public List<AxisRule> axes(Expr node) {
            return spec.axes(
                    node, node.input(0).shape(), (units, place, window) -> AxisRule.of(node, units, window, place));
        }

        @Override
        public Op resized(Shape result) {
            return new AvgPoolGrad(spec, result);
        }

        @Override
        public double[] evaluate(Expr node, double[][] in) {
            double[] out = new double[input.size()];
            double share = 1.0 / spec.area();
            taps(spec, input, node.input(0).shape(), (from, to, tap) -> out[to] += in[0][from] * share);
            return out;
        }

        @Override
        public String toString() {
            return "avgPoolGrad " + spec;
        }
    }
}
