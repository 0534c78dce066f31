package dev.fluxion.ir;

import dev.fluxion.ir.AxisRule.Along;
import java.util.ArrayList;
import java.util.List;

/** Operators that multiply and sum: matrix products and convolutions. */
public sealed interface Contraction extends Op {
    @Override
    default Sensitivity sensitivity() {
        return Sensitivity.OWN;
    }

    /** The matrix product over the last two axes; axes before them are batches and agree. */
    record MatMul() implements Contraction {
        @Override
        public Shape shape(List<Expr> inputs) {
            Errors.requireFloat(this, inputs);
            Shape a = inputs.get(0).shape();
            Shape b = inputs.get(1).shape();
            if (a.rank() < 2
                    || a.rank() != b.rank()
                    || a.dim(-1) != b.dim(-2)
                    || !a.without(-1, -2).equals(b.without(-1, -2))) {
                throw new ShapeException(Errors.cannotMultiply(a, b));
            }
            return a.with(-1, b.dim(-1));
        }

        @Override
        public List<Expr> gradient(Expr node, Expr g) {
            return List.of(
                    g.matmul(node.input(1).transposeLast()),
                    node.input(0).transposeLast().matmul(g));
        }

        @Override
        public List<AxisRule> axes(Expr node) {
            int row = node.shape().rank() - 2;
            int column = row + 1;
            int inner = node.input(0).shape().dim(column);
            List<AxisRule> rules = new ArrayList<>(AxisRule.sameBut(node, row, column));
            rules.add(AxisRule.of(node, node.shape().dim(row), Along.axis(row), Along.axis(row), Along.WHOLE));
            rules.add(AxisRule.of(node, node.shape().dim(column), Along.axis(column), Along.WHOLE, Along.axis(column)));
            rules.add(AxisRule.of(node, inner, Along.WHOLE, Along.axis(column), Along.axis(row)));
            return rules;
        }

        @Override
        public double[] evaluate(Expr node, double[][] in) {
            int m = node.shape().dim(-2);
            int n = node.shape().dim(-1);
            int k = node.input(0).shape().dim(-1);
            double[] out = new double[node.shape().size()];
            int batches = m * n == 0 ? 0 : out.length / (m * n);
            for (int row = 0; row < batches * m; row++) {
                int right = row / m * k * n;
                for (int p = 0; p < k; p++) {
                    double a = in[0][row * k + p];
                    for (int j = 0; j < n; j++) {
                        out[row * n + j] += a * in[1][right + p * n + j];
                    }
                }
            }
            return out;
        }

        @Override
        public Sensitivity sensitivity() {
            return Sensitivity.PRODUCTS;
        }

        @Override
        public String toString() {
            return "matmul";
        }
    }

    /**
     * The convolution of images N×C×H×W with weights O×C/groups×KH×KW.
     *
     * @param spec how the kernel moves
     */
    record Conv(ConvSpec spec) implements Contraction {
        @Override
        public Shape shape(List<Expr> inputs) {
            Errors.requireFloat(this, inputs);
            return spec.output(this, inputs.get(0).shape(), inputs.get(1).shape());
        }

        @Override
        public List<Expr> gradient(Expr node, Expr g) {
            Expr x = node.input(0);
            Expr w = node.input(1);
            return List.of(
                    new Expr(new ConvGradInput(spec, x.shape()), List.of(g, w)),
                    new Expr(new ConvGradWeight(spec, w.shape()), List.of(x, g)));
        }

        @Override
        public List<AxisRule> axes(Expr node) {
            return spec.axes(
                    node.input(0).shape(),
                    node.input(1).shape(),
                    node.shape(),
                    (units, x, w, y) -> AxisRule.of(node, units, y, x, w));
        }

        @Override
        public double[] evaluate(Expr node, double[][] in) {
            Shape x = node.input(0).shape();
            Shape w = node.input(1).shape();
            double[] out = new double[node.shape().size()];
            Products all = new Products(spec, x, w, node.shape());
            all.forEach((x0, w0, y0, n) -> add(out, y0, 1, in[0], x0, all.step, in[1][w0], n));
            return out;
        }

        @Override
        public String toString() {
            return "conv" + spec;
        }
    }

    /**
     * The gradient of a convolution with respect to its input, of the output's gradient and the weights: also called
     * transposed convolution.
     *
     * @param spec how the kernel moves
     * @param input the shape of the convolution's input
     */
    record ConvGradInput(ConvSpec spec, Shape input) implements Contraction {
        @Override
        public Shape shape(List<Expr> inputs) {
            Errors.requireFloat(this, inputs);
            Errors.requireShape(
                    this,
                    spec.output(this, input, inputs.get(1).shape()),
                    inputs.get(0).shape());
            return input;
        }

        @Override
        public List<Expr> gradient(Expr node, Expr g) {
            Expr dy = node.input(0);
            Expr w = node.input(1);
            return List.of(g.conv(w, spec), new Expr(new ConvGradWeight(spec, w.shape()), List.of(g, dy)));
        }

        @Override
        public List<AxisRule> axes(Expr node) {
            return spec.axes(
                    input,
                    node.input(1).shape(),
                    node.input(0).shape(),
                    (units, x, w, y) -> AxisRule.of(node, units, x, y, w));
        }

        @Override
        public Op resized(Shape result) {
            return new ConvGradInput(spec, result);
        }

        @Override
        public double[] evaluate(Expr node, double[][] in) {
            double[] out = new double[input.size()];
            Shape w = node.input(1).shape();
            Products all = new Products(spec, input, w, node.input(0).shape());
            all.forEach((x0, w0, y0, n) -> add(out, x0, all.step, in[0], y0, 1, in[1][w0], n));
            return out;
        }

        @Override
        public String toString() {
            return "convGradInput" + spec;
        }
    }

    /**
     * The gradient of a convolution with respect to its weights, of the input and the output's gradient.
     *
     * @param spec how the kernel moves
     * @param weight the shape of the convolution's weights
     */
    record ConvGradWeight(ConvSpec spec, Shape weight) implements Contraction {
        @Override
        public Shape shape(List<Expr> inputs) {
            Errors.requireFloat(this, inputs);
            Errors.requireShape(
                    this,
                    spec.output(this, inputs.get(0).shape(), weight),
                    inputs.get(1).shape());
            return weight;
        }

        @Override
        public List<Expr> gradient(Expr node, Expr g) {
            Expr x = node.input(0);
            Expr dy = node.input(1);
            return List.of(new Expr(new ConvGradInput(spec, x.shape()), List.of(dy, g)), x.conv(g, spec));
        }

        @Override
        public List<AxisRule> axes(Expr node) {
            return spec.axes(
                    node.input(0).shape(),
                    weight,
                    node.input(1).shape(),
                    (units, x, w, y) -> AxisRule.of(node, units, w, x, y));
        }

        @Override
        public Op resized(Shape result) {
            return new ConvGradWeight(spec, result);
        }

        @Override
        public double[] evaluate(Expr node, double[][] in) {
            double[] out = new double[weight.size()];
            Shape x = node.input(0).shape();
            Products all = new Products(spec, x, weight, node.input(1).shape());
            all.forEach((x0, w0, y0, n) -> out[w0] += dot(in[0], x0, all.step, in[1], y0, n));
            return out;
        }

        @Override
        public String toString() {
            return "convGradWeight" + spec;
        }
    }

    /** Adds a multiple of elements of {@code from} to elements of {@code to}, each {@code step} apart. */
    private static void add(
            double[] to, int toStart, int toStep, double[] from, int fromStart, int fromStep, double factor, int n) {
        if (toStep == 1 && fromStep == 1) { // a loop that the JVM makes vectors of
            for (int i = 0; i < n; i++) {
                to[toStart + i] += factor * from[fromStart + i];
            }
            return;
        }
        for (int i = 0; i < n; i++) {
            to[toStart + i * toStep] += factor * from[fromStart + i * fromStep];
        }
    }

    private static double dot(double[] a, int aStart, int aStep, double[] b, int bStart, int n) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += a[aStart + i * aStep] * b[bStart + i];
        }
        return sum;
    }
}
