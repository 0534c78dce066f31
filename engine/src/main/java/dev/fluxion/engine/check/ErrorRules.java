package dev.fluxion.engine.check;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.graph.ChannelNorms;
import dev.fluxion.engine.graph.FoldChannels;
import dev.fluxion.engine.graph.PerChannel;
import dev.fluxion.engine.kernel.Convolutions;
import dev.fluxion.engine.kernel.Winograd;
import dev.fluxion.ir.ArgSort;
import dev.fluxion.ir.BinaryFn;
import dev.fluxion.ir.Contraction;
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
import java.util.Arrays;

/** How far float32 may be off after one operator, given how far it may be off before. */
final class ErrorRules {
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

    /** How far the result may be off. */
    double[] apply() {
        return switch (node.op().sensitivity()) {
            case NONE -> exact();
            case MOVED -> moved();
            case MONOTONE -> spread();
            case SUM -> linear(with(ones(in[0])));
            case PRODUCTS -> scaled();
            case OWN -> own();
        };
    }

    private double[] own() {
        Op op = node.op();
        if (op instanceof Elementwise e) {
            return elementwise(e);
        }
        if (op instanceof Contraction) {
            return convolved();
        }
        if (op instanceof Pooling.MaxPoolGrad pooling) {
            return maxPoolGrad(pooling);
        }
        if (op instanceof Pooling pooling) {
            return linear(windows(pooling.spec()));
        }
        if (op instanceof Normalised normalised) {
            return normalised(normalised);
        }
        if (op instanceof Leaf.Constant) {
            return rounded(exact());
        }
        if (op instanceof Movement.Pad pad) {
            return new Movement.Pad(pad.axis(), pad.before(), pad.after(), 0).evaluate(node, error);
        }
        if (op instanceof Indexing.Gather) {
            return with(error[0]);
        }
        if (op instanceof Draws) {
            return unsure(1);
        }
        if (op instanceof ArgSort sort) {
            return unsure(node.shape().dim(sort.axis()));
        }
        if (op instanceof Marker.Require) {
            return error[0];
        }
        throw new IllegalStateException("no error analysis of " + op);
    }

    private double[] elementwise(Elementwise op) {
        if (op instanceof Elementwise.Unary unary) {
            return unary(unary);
        }
        if (op instanceof Elementwise.Binary binary) {
            return binary(binary);
        }
        if (op instanceof Elementwise.Where) {
            return where();
        }
        if (op instanceof Elementwise.Cast cast) {
            return cast.to() == DType.FLOAT ? rounded(spread()) : spread();
        }
        if (op instanceof Elementwise.Clip) {
            return clip();
        }
        throw new IllegalStateException("no error analysis of " + op);
    }

    private double[] clip() {
        double[] out = spread();
        Arrays.setAll(out, i -> out[i] + (value[i] == in[0][i] ? 0 : rounding(value[i])));
        return out;
    }

    private double[] unary(Elementwise.Unary op) {
        double[] out = spread();
        Arrays.setAll(out, i -> out[i] + Roundings.U * Roundings.of(op.fn(), in[0][i], Math.abs(value[i]) + out[i]));
        return out;
    }

    private double[] binary(Elementwise.Binary op) {
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
        if (op.fn() == BinaryFn.SUB && isOfChannels()) {
            Arrays.setAll(
                    out, i -> out[i] + Roundings.of(Roundings.FOLDED, Math.abs(in[0][i]) + Math.abs(in[1][i]), 0));
        }
        if (op.fn() == BinaryFn.DIV) {
            Arrays.setAll(out, i -> error[1][i] >= Math.abs(in[1][i]) ? Double.POSITIVE_INFINITY : out[i]);
        }
        return out;
    }

    /** The engine may multiply both operands by what the difference is multiplied by, as {@link ChannelNorms} does. */
    private boolean isOfChannels() {
        return node.shape().rank() == 4
                && PerChannel.of(node.input(1), node.shape())
                        .filter(Facts::isOfParameter)
                        .isPresent();
    }

    private double[] where() {
        double[] out = exact();
        Arrays.setAll(out, i -> {
            boolean sure = error[0][i] == 0 || Math.abs(in[0][i]) > error[0][i];
            double chosen = in[0][i] != 0 ? error[1][i] : error[2][i];
            return sure ? chosen : Math.abs(in[1][i] - in[2][i]) + Math.max(error[1][i], error[2][i]);
        });
        return out;
    }

    /** Where operands may be off, the result may be off by as much as this. */
    private double[] unsure(double most) {
        double[] out = exact();
        boolean sure = Arrays.stream(error[0]).allMatch(e -> e == 0);
        Arrays.fill(out, sure ? 0 : most);
        return out;
    }

    private double[] rounded(double[] passed) {
        Arrays.setAll(passed, i -> passed[i] + rounding(value[i]));
        return passed;
    }

    /** Also of infinities, which are exact. */
    private static double rounding(double number) {
        return (float) number == number ? 0 : Math.abs((float) number - number);
    }

    /** The engine may compute convolutions as {@link Winograd} does, who multiplies with sums of a kernel's weights. */
    private double[] convolved() {
        double[] out = scaled();
        Convolutions conv = Convolutions.of(node);
        if (Winograd.fits(conv.spec(), conv.w())) {
            double[] size = node.op() instanceof Contraction.ConvGradWeight
                    ? kernels(product(absolute(in[0]), absolute(in[1])))
                    : product(absolute(in[0]), kernels(in[1]));
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

    private double[] maxPoolGrad(Pooling.MaxPoolGrad op) {
        double[] sure = op.evaluate(node, new double[][] {in[0], error[1]});
        double[] size = op.evaluate(node, new double[][] {in[0], absolute(in[1])});
        double[] out = exact();
        double[] doubtful = new DoubtfulWindows(
                        op.spec(), node.shape(), node.input(1).shape(), in[0], error[0])
                .gradient(in[1], error[1]);
        Arrays.setAll(out, i -> sure[i] + Roundings.sum((double) op.spec().area()) * size[i] + doubtful[i]);
        return out;
    }

    private double[] normalised(Normalised op) {
        SoftmaxErrors errors = new SoftmaxErrors(node.shape(), op.axis(), in[0], error[0]);
        return op instanceof Normalised.Softmax ? errors.softmax(value) : errors.logSoftmax(value);
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
