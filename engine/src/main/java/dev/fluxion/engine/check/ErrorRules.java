package dev.fluxion.engine.check;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.graph.FoldChannels;
import dev.fluxion.engine.kernel.Winograd;
import dev.fluxion.ir.ArgSort;
import dev.fluxion.ir.BinaryFn;
import dev.fluxion.ir.Compound;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Draws;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Indexing;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Marker;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Normalised;
import dev.fluxion.ir.Op;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Pooling;
import dev.fluxion.ir.Reduction;
import dev.fluxion.ir.Result;
import dev.fluxion.ir.Shape;
import java.util.Arrays;
import java.util.function.Supplier;

/** How far float32 may be off after one operator, given how far it may be off before. */
final class ErrorRules implements Op.Visitor<double[]> {
    private final Expr node;
    private final double[] value;
    private final double[][] in;
    private final double[][] error;

    ErrorRules(Expr node, double[] value, double[][] in, double[][] error) {
        this.node = node;
        this.value = value;
        this.in = in;
        this.error = error;
    }

    @Override
    public double[] input(Leaf.Input op) {
        return exact();
    }

    @Override
    public double[] parameter(Leaf.Parameter op) {
        return exact();
    }

    @Override
    public double[] buffer(Leaf.Buffer op) {
        return exact();
    }

    @Override
    public double[] kept(Leaf.Kept op) {
        return exact();
    }

    @Override
    public double[] carried(Leaf.Carried op) {
        return exact();
    }

    @Override
    public double[] constant(Leaf.Constant op) {
        double[] out = exact();
        Arrays.setAll(out, i -> (float) value[i] == value[i] ? 0 : Math.abs((float) value[i] - value[i]));
        return out;
    }

    @Override
    public double[] literal(Leaf.Literal op) {
        return exact();
    }

    @Override
    public double[] iota(Leaf.Iota op) {
        return exact();
    }

    @Override
    public double[] uniform(Leaf.Uniform op) {
        return exact();
    }

    @Override
    public double[] unary(Elementwise.Unary op) {
        double[] out = spread();
        Arrays.setAll(out, i -> out[i] + Roundings.U * Roundings.of(op.fn(), in[0][i], Math.abs(value[i]) + out[i]));
        return out;
    }

    @Override
    public double[] binary(Elementwise.Binary op) {
        if (node.dtype() == DType.INT) {
            return spread();
        }
        double[] out = op.fn().comparison() ? exact() : spread();
        if (op.fn().comparison()) {
            Arrays.setAll(out, i -> {
                double off = error[0][i] + error[1][i];
                return off > 0 && !(Math.abs(in[0][i] - in[1][i]) > off) ? 1 : 0;
            });
        } else if (op.fn() != BinaryFn.MAX && op.fn() != BinaryFn.MIN) {
            Arrays.setAll(out, i -> out[i] + Roundings.of(Roundings.ARITHMETIC, value[i], out[i]));
        }
        if (op.fn() == BinaryFn.DIV) {
            Arrays.setAll(out, i -> error[1][i] >= Math.abs(in[1][i]) ? Double.POSITIVE_INFINITY : out[i]);
        }
        return out;
    }

    @Override
    public double[] clip(Elementwise.Clip op) {
        double[] out = spread();
        Arrays.setAll(out, i -> out[i] + (value[i] == in[0][i] ? 0 : Math.abs((float) value[i] - value[i])));
        return out;
    }

    @Override
    public double[] where(Elementwise.Where op) {
        double[] out = exact();
        Arrays.setAll(out, i -> {
            boolean sure = error[0][i] == 0 || Math.abs(in[0][i]) > error[0][i];
            double chosen = in[0][i] != 0 ? error[1][i] : error[2][i];
            return sure ? chosen : Math.abs(in[1][i] - in[2][i]) + Math.max(error[1][i], error[2][i]);
        });
        return out;
    }

    @Override
    public double[] cast(Elementwise.Cast op) {
        double[] out = spread();
        Arrays.setAll(out, i -> out[i] + (op.to() == DType.FLOAT ? Math.abs((float) value[i] - value[i]) : 0));
        return out;
    }

    @Override
    public double[] sum(Reduction.Sum op) {
        return linear(with(ones(in[0])));
    }

    @Override
    public double[] max(Reduction.Max op) {
        return spread();
    }

    @Override
    public double[] reshape(Movement.Reshape op) {
        return moved();
    }

    @Override
    public double[] transpose(Movement.Transpose op) {
        return moved();
    }

    @Override
    public double[] broadcast(Movement.Broadcast op) {
        return moved();
    }

    @Override
    public double[] slice(Movement.Slice op) {
        return moved();
    }

    @Override
    public double[] pad(Movement.Pad op) {
        return new Movement.Pad(op.axis(), op.before(), op.after(), 0).evaluate(node, error);
    }

    @Override
    public double[] concat(Movement.Concat op) {
        return moved();
    }

    @Override
    public double[] gather(Indexing.Gather op) {
        return op.evaluate(node, new double[][] {error[0], in[1]});
    }

    @Override
    public double[] scatterAdd(Indexing.ScatterAdd op) {
        return linear(with(ones(in[0])));
    }

    /** Where seeds may be off, any numbers may be drawn. */
    @Override
    public double[] draws(Draws op) {
        double[] out = exact();
        boolean sure = Arrays.stream(error[0]).allMatch(e -> e == 0);
        Arrays.fill(out, sure ? 0 : 1);
        return out;
    }

    /** Where elements may be off, any of them may be at any place. */
    @Override
    public double[] argSort(ArgSort op) {
        double[] out = exact();
        boolean sure = Arrays.stream(error[0]).allMatch(e -> e == 0);
        Arrays.fill(out, sure ? 0 : node.shape().dim(op.axis()));
        return out;
    }

    @Override
    public double[] matmul(Contraction.MatMul op) {
        return scaled();
    }

    @Override
    public double[] conv(Contraction.Conv op) {
        return convolved(op.spec(), node.input(1).shape(), () -> product(absolute(in[0]), kernels(in[1])));
    }

    @Override
    public double[] convGradInput(Contraction.ConvGradInput op) {
        return convolved(op.spec(), node.input(1).shape(), () -> product(absolute(in[0]), kernels(in[1])));
    }

    @Override
    public double[] convGradWeight(Contraction.ConvGradWeight op) {
        return convolved(op.spec(), node.shape(), () -> kernels(product(absolute(in[0]), absolute(in[1]))));
    }

    /** The engine may compute convolutions as {@link Winograd} does, who multiplies with sums of a kernel's weights. */
    private double[] convolved(ConvSpec spec, Shape w, Supplier<double[]> sizes) {
        double[] out = scaled();
        if (Winograd.fits(spec, w)) {
            double[] size = sizes.get();
            double[] terms = product(ones(in[0]), ones(in[1]));
            Arrays.setAll(out, i -> out[i] + Roundings.sum(terms[i]) * size[i]);
        }
        return out;
    }

    /** The sums of the sizes of all weights of a kernel, at each of its places. */
    private static double[] kernels(double[] weights) {
        double[] out = new double[weights.length];
        for (int i = 0; i < out.length; i++) {
            int first = i - i % Winograd.TAPS;
            out[i] = Arrays.stream(weights, first, first + Winograd.TAPS)
                    .map(Math::abs)
                    .sum();
        }
        return out;
    }

    private static double[] ones(double[] x) {
        double[] out = new double[x.length];
        Arrays.fill(out, 1);
        return out;
    }

    @Override
    public double[] maxPool(Pooling.MaxPool op) {
        return spread();
    }

    @Override
    public double[] maxPoolGrad(Pooling.MaxPoolGrad op) {
        double[] sure = op.evaluate(node, new double[][] {in[0], error[1]});
        double[] size = op.evaluate(node, new double[][] {in[0], absolute(in[1])});
        double[] out = exact();
        double[] doubtful = new DoubtfulWindows(
                        op.spec(), node.shape(), node.input(1).shape(), in[0], error[0])
                .gradient(in[1], error[1]);
        Arrays.setAll(out, i -> sure[i] + Roundings.sum((double) op.spec().area()) * size[i] + doubtful[i]);
        return out;
    }

    @Override
    public double[] avgPool(Pooling.AvgPool op) {
        return linear(windows(op.spec()));
    }

    @Override
    public double[] avgPoolGrad(Pooling.AvgPoolGrad op) {
        return linear(windows(op.spec()));
    }

    @Override
    public double[] softmax(Normalised.Softmax op) {
        return new SoftmaxErrors(node.shape(), op.axis(), in[0], error[0]).softmax(value);
    }

    @Override
    public double[] logSoftmax(Normalised.LogSoftmax op) {
        return new SoftmaxErrors(node.shape(), op.axis(), in[0], error[0]).logSoftmax(value);
    }

    @Override
    public double[] compound(Compound op) {
        throw new IllegalStateException("analysed by what it is composed of: " + op);
    }

    @Override
    public double[] result(Result op) {
        throw new IllegalStateException("analysed with its node: " + op);
    }

    @Override
    public double[] stopGradient(Marker.StopGradient op) {
        return error[0];
    }

    @Override
    public double[] require(Marker.Require op) {
        return error[0];
    }

    private double[] exact() {
        return new double[value.length];
    }

    private double[] moved() {
        return node.op().evaluate(node, error);
    }

    /** How far an operator that rises or falls with each operand gets when all of them are off as far as they may be. */
    private double[] spread() {
        double[] out = exact();
        for (int corner = 0; corner < 1 << in.length; corner++) {
            double[][] moved = new double[in.length][];
            for (int k = 0; k < in.length; k++) {
                int operand = k;
                int sign = (corner >> k & 1) == 0 ? 1 : -1;
                moved[k] = in[k].clone();
                Arrays.setAll(moved[k], i -> in[operand][i] + sign * error[operand][i]);
            }
            double[] there = node.op().evaluate(node, moved);
            Arrays.setAll(out, i -> Math.max(out[i], there[i] == value[i] ? 0 : Math.abs(there[i] - value[i])));
        }
        return out;
    }

    /** Of sums of so many elements of the first operand with weights that are not negative; others are places. */
    private double[] linear(double[] terms) {
        double[] passed = with(error[0]);
        double[] sizes = with(absolute(in[0]));
        Arrays.setAll(passed, i -> passed[i] + Roundings.sum(terms[i]) * (sizes[i] + passed[i]));
        return passed;
    }

    /** The elements of a window, and the roundings of their mean. */
    private double[] windows(PoolSpec spec) {
        double[] out = exact();
        Arrays.fill(out, (double) spec.area() + Roundings.ARITHMETIC);
        return out;
    }

    private double[] with(double[] first) {
        double[][] operands = in.clone();
        operands[0] = first;
        return node.op().evaluate(node, operands);
    }

    /** The engine may multiply weights by what channels of the result are multiplied by, as {@link FoldChannels} does. */
    private double[] scaled() {
        double[] out = bilinear();
        if (Facts.isOfParameter(node.input(1))) {
            double[] size = product(absolute(in[0]), absolute(in[1]));
            Arrays.setAll(out, i -> out[i] + Roundings.of(Roundings.FOLDED, size[i], 0));
        }
        return out;
    }

    private double[] bilinear() {
        double[] a = absolute(in[0]);
        double[] b = absolute(in[1]);
        double[] size = product(a, b);
        double[] left = product(error[0], b);
        double[] right = product(a, error[1]);
        double[] both = product(error[0], error[1]);
        double[] terms = product(ones(in[0]), ones(in[1]));
        double[] out = exact();
        Arrays.setAll(out, i -> {
            double passed = left[i] + right[i] + both[i];
            return passed + Roundings.sum(terms[i]) * (size[i] + passed);
        });
        return out;
    }

    private double[] product(double[] a, double[] b) {
        return node.op().evaluate(node, new double[][] {a, b});
    }

    private static double[] absolute(double[] x) {
        return Arrays.stream(x).map(Math::abs).toArray();
    }
}
