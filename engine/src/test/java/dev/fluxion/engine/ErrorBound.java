package dev.fluxion.engine;

import dev.fluxion.ir.BinaryFn;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Indexing;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Marker;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Normalised;
import dev.fluxion.ir.Op;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Pooling;
import dev.fluxion.ir.Reduction;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.UnaryFn;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;

/**
 * How far a computation in float32 may be from the exact value, element by element: a running error analysis (Higham,
 * "Accuracy and Stability of Numerical Algorithms", chapter 3). Every operator passes on what its operands are off by, and
 * adds its own rounding: u = 2⁻²⁴ for a rounded result, n·u·Σ|aᵢbᵢ| for a sum of n products in any order, and a few more u
 * for functions that the native library approximates. Where a comparison could come out either way, both are allowed.
 */
final class ErrorBound {
    private static final double U = 0x1p-24;
    /** Native approximations of exponential functions, in units of u. */
    private static final double APPROXIMATE = 8;

    private final Interpreter interpreter;
    private final Map<Expr, double[]> values = new HashMap<>();
    private final Map<Expr, double[]> errors = new HashMap<>();

    ErrorBound(Interpreter interpreter) {
        this.interpreter = interpreter;
    }

    /** The exact value of an expression. */
    double[] value(Expr e) {
        analyse(e);
        return values.get(e);
    }

    /** By how much each element may be off. */
    double[] of(Expr e) {
        analyse(e);
        return errors.get(e);
    }

    private void analyse(Expr root) {
        for (Expr e : Graph.topological(List.of(root))) {
            if (!values.containsKey(e)) {
                double[][] in = e.inputs().stream().map(values::get).toArray(double[][]::new);
                double[][] off = e.inputs().stream().map(errors::get).toArray(double[][]::new);
                double[] y = e.op() instanceof Leaf ? interpreter.evaluate(e).data() : e.op().evaluate(e, in);
                values.put(e, y);
                errors.put(e, certain(node(e, in, off, y)));
            }
        }
    }

    private static double[] node(Expr e, double[][] in, double[][] off, double[] y) {
        Op op = e.op();
        if (op instanceof Leaf leaf) {
            return each(y.length, i -> leaf instanceof Leaf.Constant ? Math.abs(y[i] - (float) y[i]) : 0);
        }
        if (op instanceof Elementwise.Unary unary) {
            return each(y.length, i -> unary(unary, in[0][i], off[0][i], y[i]));
        }
        if (op instanceof Elementwise.Binary binary) {
            return each(y.length, i -> binary(binary.fn(), in[0][i], in[1][i], off[0][i], off[1][i], y[i]));
        }
        if (op instanceof Elementwise.Where) {
            return each(y.length, i -> {
                boolean sure = off[0][i] == 0 || Math.abs(in[0][i]) > off[0][i];
                double other = sure ? 0 : Math.abs(in[1][i] - in[2][i]);
                return other + (sure ? in[0][i] != 0 ? off[1][i] : off[2][i] : off[1][i] + off[2][i]);
            });
        }
        if (op instanceof Elementwise.Cast) {
            return each(y.length, i -> off[0][i] == 0 ? 0 : 1 + off[0][i]);
        }
        if (op instanceof Contraction) {
            return products(e, in, off);
        }
        if (op instanceof Pooling.MaxPoolGrad grad) {
            return maxGradient(e, grad.spec(), in, off);
        }
        if (op instanceof Normalised) {
            return normalised(e, in[0], off[0], y);
        }
        if (op instanceof Marker || op instanceof Reduction.Max || op instanceof Pooling.MaxPool) {
            return op instanceof Marker ? off[0] : op.evaluate(e, off);
        }
        return linear(e, in, off);
    }

    /** Where infinities cancel, anything may be. */
    private static double[] certain(double[] errors) {
        return each(errors.length, i -> Double.isNaN(errors[i]) ? Double.POSITIVE_INFINITY : errors[i]);
    }

    private static double[] each(int size, IntToDoubleFunction error) {
        double[] out = new double[size];
        Arrays.setAll(out, error);
        return out;
    }

    private static double unary(Elementwise.Unary op, double x, double off, double y) {
        double moved = 0;
        if (off > 0) {
            double up = Math.abs(op.fn().apply(x + off, op.alpha()) - y);
            double down = Math.abs(op.fn().apply(x - off, op.alpha()) - y);
            moved = Double.isNaN(up + down) ? Double.POSITIVE_INFINITY : Math.max(up, down);
        }
        return moved + own(op.fn(), x, y);
    }

    /** The error of a function itself: relative, and absolute where it is a difference of larger numbers. */
    private static double own(UnaryFn fn, double x, double y) {
        return switch (fn) {
            case NEG, ABS, SIGN, RELU -> 0;
            case LEAKY_RELU, SQUARE, SQRT, RECIPROCAL, SIN, COS, LOG, LOG1P, SOFTPLUS, POWER, ERF ->
                2 * U * Math.abs(y);
            case EXP, TANH, SIGMOID -> APPROXIMATE * U * Math.abs(y);
            case ELU -> APPROXIMATE * U * (Math.abs(y) + 1);
            case GELU, SILU -> APPROXIMATE * U * (Math.abs(y) + Math.abs(x));
        };
    }

    private static double binary(BinaryFn fn, double a, double b, double da, double db, double y) {
        if (fn.comparison()) {
            return da + db > 0 && Math.abs(a - b) <= da + db ? 1 : 0;
        }
        if (fn == BinaryFn.DIV && db >= Math.abs(b)) {
            return Double.POSITIVE_INFINITY;
        }
        double moved = 0;
        for (int corner = 0; corner < 4 && da + db > 0; corner++) {
            double there = fn.apply(a + ((corner & 1) == 0 ? da : -da), b + ((corner & 2) == 0 ? db : -db));
            moved = Math.max(moved, Double.isNaN(there) ? Double.POSITIVE_INFINITY : Math.abs(there - y));
        }
        return moved + (fn == BinaryFn.MAX || fn == BinaryFn.MIN ? 0 : 2 * U * Math.abs(y));
    }

    private static double[] abs(double[] x) {
        return each(x.length, i -> Math.abs(x[i]));
    }

    private static double[] products(Expr e, double[][] in, double[][] off) {
        double[] a = abs(in[0]);
        double[] b = abs(in[1]);
        double[] whole = e.op().evaluate(e, new double[][] {a, b});
        double[] left = e.op().evaluate(e, new double[][] {off[0], b});
        double[] right = e.op().evaluate(e, new double[][] {a, off[1]});
        double[] both = e.op().evaluate(e, off);
        double length = length(e);
        return each(whole.length, i -> length * U * whole[i] + left[i] + right[i] + both[i]);
    }

    /** How many products an element of the result sums, at most. */
    private static double length(Expr e) {
        Shape a = e.input(0).shape();
        Shape b = e.input(1).shape();
        if (e.op() instanceof Contraction.MatMul) {
            return a.dim(-1);
        }
        return e.op() instanceof Contraction.ConvGradWeight
                ? (double) b.dim(0) * b.dim(2) * b.dim(3)
                : (double) b.size() / Math.min(b.dim(0), b.dim(1));
    }

    /** What is linear in its first operand: sums, means, moves. */
    private static double[] linear(Expr e, double[][] in, double[][] off) {
        double length = 0;
        if (e.op() instanceof Reduction.Sum || e.op() instanceof Indexing.ScatterAdd) {
            length = (double) e.input(0).shape().size() / e.shape().size();
            length = e.op() instanceof Reduction.Sum
                    ? length
                    : e.input(0).shape().size();
        } else if (e.op() instanceof Pooling pooling) {
            length = Math.min(pooling.spec().area(), e.input(0).shape().size()) + 2;
        }
        Op op = e.op() instanceof Movement.Pad pad
                ? new Movement.Pad(pad.axis(), pad.before(), pad.after(), 0)
                : e.op();
        boolean indexed = op instanceof Indexing;
        double[] moved = op.evaluate(e, indexed ? new double[][] {off[0], in[1]} : off);
        if (length == 0) {
            return moved;
        }
        double[] whole = op.evaluate(e, indexed ? new double[][] {abs(in[0]), in[1]} : new double[][] {abs(in[0])});
        double n = length;
        return each(whole.length, i -> moved[i] + n * U * whole[i]);
    }

    /** A window in which another element could be the largest gives its gradient to any. */
    private static double[] maxGradient(Expr e, PoolSpec spec, double[][] in, double[][] off) {
        double length = Math.min(spec.area(), e.input(1).shape().size());
        double[] carried = e.op().evaluate(e, new double[][] {in[0], off[1]});
        double[] whole = e.op().evaluate(e, new double[][] {in[0], abs(in[1])});
        double[] error = each(whole.length, i -> carried[i] + length * U * whole[i]);
        Shape x = e.shape();
        Shape y = e.input(1).shape();
        for (int out = 0; out < y.size(); out++) {
            int[] taps = taps(spec, x, y, out);
            double sure = Double.NEGATIVE_INFINITY;
            for (int at : taps) {
                sure = Math.max(sure, in[0][at] - off[0][at]);
            }
            double least = sure;
            int[] rivals = Arrays.stream(taps)
                    .filter(at -> in[0][at] + off[0][at] >= least && off[0][at] > 0)
                    .toArray();
            for (int at : rivals.length > 1 ? rivals : new int[0]) {
                error[at] += Math.abs(in[1][out]) + off[1][out];
            }
        }
        return error;
    }

    /** The offsets of the elements of a window. */
    private static int[] taps(PoolSpec spec, Shape x, Shape y, int out) {
        int w = out % y.dim(3);
        int h = out / y.dim(3) % y.dim(2);
        int plane = out / (y.dim(3) * y.dim(2));
        int top = h * spec.stride().h() - spec.pad().h();
        int left = w * spec.stride().w() - spec.pad().w();
        List<Integer> found = new ArrayList<>();
        for (int i = Math.max(top, 0); i < Math.min(top + spec.kernel().h(), x.dim(2)); i++) {
            for (int j = Math.max(left, 0); j < Math.min(left + spec.kernel().w(), x.dim(3)); j++) {
                found.add((plane * x.dim(2) + i) * x.dim(3) + j);
            }
        }
        return found.stream().mapToInt(i -> i).toArray();
    }

    /** Softmax: every term e^(x − max) is off by its exponent's error, relatively. */
    private static double[] normalised(Expr e, double[] x, double[] off, double[] y) {
        boolean logarithm = e.op() instanceof Normalised.LogSoftmax;
        int axis = logarithm ? ((Normalised.LogSoftmax) e.op()).axis() : ((Normalised.Softmax) e.op()).axis();
        int length = e.shape().dim(axis);
        int step = e.shape().strides()[axis];
        return each(y.length, i -> {
            int start = i - i / step % length * step;
            double least = Double.POSITIVE_INFINITY;
            double most = Double.NEGATIVE_INFINITY;
            double moved = 0;
            for (int k = 0; k < length; k++) {
                least = Math.min(least, x[start + k * step]);
                most = Math.max(most, x[start + k * step]);
                moved = Math.max(moved, off[start + k * step]);
            }
            double rounding = U * (APPROXIMATE + length + 2 * (most - least));
            return logarithm
                    ? off[i] + moved + 2 * U * Math.abs(y[i])
                    : Math.abs(y[i]) * Math.expm1(2 * moved + rounding);
        });
    }
}
