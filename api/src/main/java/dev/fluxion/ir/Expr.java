package dev.fluxion.ir;

import dev.fluxion.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A node of the graph: an operator applied to operands, with the shape and element type that follow. Expressions are
 * immutable and compared by identity; building one checks its shapes, so that an error is reported where it is
 * written.
 *
 * <p>Operands of arithmetic, comparison and {@link #where} broadcast to a common shape as in NumPy. Axes may be
 * negative, −1 being the last. Logarithms are natural. Integers are int32, wrap around as Java's, and are never mixed with floating
 * point; comparisons give 1 and 0 in floating point. What is composed of these, such as other reductions, sorting or scatter, is in
 * {@link dev.fluxion.ir.fn}.
 */
public final class Expr {
    private static final Expr NONE = new Expr(new Leaf.Constant(0), List.of());

    private final Op op;
    private final List<Expr> inputs;
    private final Shape shape;
    private final DType dtype;
    private final Origin origin;

    /**
     * The operator applied to operands.
     *
     * @throws ShapeException if they do not fit
     * @throws IllegalArgumentException if the operator is none of this package
     */
    public Expr(Op op, List<Expr> inputs) {
        this.op = Errors.requireOperator(Given.require("Expr", "the operator", op));
        this.inputs = operands(op, inputs);
        this.shape = op.shape(this.inputs);
        this.dtype = op.dtype(this.inputs);
        this.origin = Origin.current();
    }

    /** Looks for null itself: the name of an operator is text that is made only for a message. */
    private static List<Expr> operands(Op op, List<Expr> given) {
        for (Expr each : Given.require("Expr", "the operands", given)) {
            if (each == null) {
                throw new IllegalArgumentException(Errors.isNull(op.toString(), "an operand"));
            }
        }
        return List.copyOf(given);
    }

    /** A value that is given at each run. */
    public static Expr input(String name, Shape shape) {
        return input(name, shape, DType.FLOAT);
    }

    /** A value of an element type that is given at each run. */
    public static Expr input(String name, Shape shape, DType type) {
        Given.require("input", "the element type", type);
        return new Expr(new Leaf.Input(named("input", name), shaped("input", shape), type, false), List.of());
    }

    /** A value that outlives a run and that updates may change. */
    public static Expr parameter(String name, Shape shape) {
        return new Expr(new Leaf.Parameter(named("parameter", name), shaped("parameter", shape)), List.of());
    }

    /** A value that outlives a run and is not trained; see {@link Update#assign}. */
    public static Expr buffer(String name, Shape shape) {
        return new Expr(new Leaf.Buffer(named("buffer", name), shaped("buffer", shape)), List.of());
    }

    private static String named(String call, String name) {
        return Given.require(call, "the name", name);
    }

    private static Shape shaped(String call, Shape shape) {
        return Given.require(call, "the shape", shape);
    }

    /** A tensor that is kept beside a parameter of this shape from step to step. */
    public static Expr kept(Slot slot, Shape shape) {
        return new Expr(new Leaf.Kept(Given.require("kept", "the slot", slot), shaped("kept", shape)), List.of());
    }

    /**
     * A scalar, which may be infinite.
     *
     * @throws IllegalArgumentException if it is NaN
     */
    public static Expr constant(double value) {
        return new Expr(new Leaf.Constant(value), List.of());
    }

    /**
     * A fixed tensor, such as a filter, a table or a mask. It is copied, has no gradient, and is not a parameter, so
     * that it is not saved. Infinities are allowed, for masks that are added to logits.
     *
     * @throws IllegalArgumentException if an element is NaN
     */
    public static Expr constant(Tensor values) {
        Given.require("Expr.constant", "the tensor", values);
        Errors.requireConstant(values);
        return new Expr(new Leaf.Literal(values), List.of());
    }

    /** The integers from 0 to {@code length − 1}. */
    public static Expr iota(int length) {
        return new Expr(new Leaf.Iota(length), List.of());
    }

    /** Numbers uniform in [0, 1), new at each run; streams with different numbers are independent. */
    public static Expr uniform(long stream, Shape shape) {
        return new Expr(new Leaf.Uniform(stream, shaped("uniform", shape)), List.of());
    }

    /** The absence of a gradient: what {@link Op#gradient} gives for an operand that has none. */
    public static Expr none() {
        return NONE;
    }

    /** The operator. */
    public Op op() {
        return op;
    }

    /** The operands. */
    public List<Expr> inputs() {
        return inputs;
    }

    /** One operand. */
    public Expr input(int index) {
        return inputs.get(index);
    }

    /**
     * A result of an operator that has several. The first one, 0, is the value of the node itself.
     *
     * @throws ShapeException if there is no such result
     */
    public Expr result(int index) {
        return index == 0 ? this : new Expr(new Result(index), List.of(this));
    }

    /** How many results the operator has. */
    public int results() {
        return op.shapes(inputs).size();
    }

    /** The node that computes this value: itself, unless it is a further result of another one. */
    public Expr node() {
        return op instanceof Result ? input(0) : this;
    }

    /** Which result of its node this is. */
    public int index() {
        return op instanceof Result result ? result.index() : 0;
    }

    /** The shape of the value. */
    public Shape shape() {
        return shape;
    }

    /** The element type of the value. */
    public DType dtype() {
        return dtype;
    }

    /** The layer or loss that made this expression, as the user wrote it; empty outside of one. */
    public String origin() {
        return origin.label;
    }

    /** Where that layer or loss is, in words that may follow its name; empty if unknown. */
    public String place() {
        return origin.place;
    }

    Origin source() {
        return origin;
    }

    /** this + other. */
    public Expr add(Expr other) {
        return binary(BinaryFn.ADD, other);
    }

    /** this + other. */
    public Expr add(double other) {
        return add(lift(other));
    }

    /** this − other. */
    public Expr sub(Expr other) {
        return binary(BinaryFn.SUB, other);
    }

    /** this − other. */
    public Expr sub(double other) {
        return sub(lift(other));
    }

    /** this · other. */
    public Expr mul(Expr other) {
        return binary(BinaryFn.MUL, other);
    }

    /** this · other. */
    public Expr mul(double other) {
        return mul(lift(other));
    }

    /** this / other; of integers rounded down, where a run whose divisor is 0 fails. */
    public Expr div(Expr other) {
        Given.require("div", "the other operand", other);
        return binary(
                BinaryFn.DIV,
                dtype == DType.INT && other.dtype == DType.INT ? other.require(other.ne(0), Errors.DIVISOR) : other);
    }

    /** this / other; of integers rounded down, where a run whose divisor is 0 fails. */
    public Expr div(double other) {
        return div(lift(other));
    }

    /** The larger of both; where equal, they share the gradient. */
    public Expr max(Expr other) {
        return binary(BinaryFn.MAX, other);
    }

    /** The larger of both; where equal, they share the gradient. */
    public Expr max(double other) {
        return max(lift(other));
    }

    /** The smaller of both; where equal, they share the gradient. */
    public Expr min(Expr other) {
        return binary(BinaryFn.MIN, other);
    }

    /** The smaller of both; where equal, they share the gradient. */
    public Expr min(double other) {
        return min(lift(other));
    }

    /** this to the power of other. */
    public Expr pow(Expr other) {
        return binary(BinaryFn.POW, other);
    }

    /** this to a constant power. */
    public Expr pow(double exponent) {
        return unary(UnaryFn.POWER, exponent);
    }

    /** 1 where equal, else 0. */
    public Expr eq(Expr other) {
        return binary(BinaryFn.EQ, other);
    }

    /** 1 where equal, else 0. */
    public Expr eq(double other) {
        return eq(lift(other));
    }

    /** 1 where different, else 0. */
    public Expr ne(Expr other) {
        return binary(BinaryFn.NE, other);
    }

    /** 1 where different, else 0. */
    public Expr ne(double other) {
        return ne(lift(other));
    }

    /** 1 where smaller, else 0. */
    public Expr lt(Expr other) {
        return binary(BinaryFn.LT, other);
    }

    /** 1 where smaller, else 0. */
    public Expr lt(double other) {
        return lt(lift(other));
    }

    /** 1 where smaller or equal, else 0. */
    public Expr le(Expr other) {
        return binary(BinaryFn.LE, other);
    }

    /** 1 where smaller or equal, else 0. */
    public Expr le(double other) {
        return le(lift(other));
    }

    /** 1 where larger, else 0. */
    public Expr gt(Expr other) {
        return binary(BinaryFn.GT, other);
    }

    /** 1 where larger, else 0. */
    public Expr gt(double other) {
        return gt(lift(other));
    }

    /** 1 where larger or equal, else 0. */
    public Expr ge(Expr other) {
        return binary(BinaryFn.GE, other);
    }

    /** 1 where larger or equal, else 0. */
    public Expr ge(double other) {
        return ge(lift(other));
    }

    /** {@code then} where this is not 0, {@code otherwise} elsewhere. */
    public Expr where(Expr then, Expr otherwise) {
        Given.require("where", "what to take", then);
        Given.require("where", "what to take otherwise", otherwise);
        Shape all = Shape.broadcast(Shape.broadcast(shape, then.shape), otherwise.shape);
        return new Expr(
                new Elementwise.Where(), List.of(broadcastTo(all), then.broadcastTo(all), otherwise.broadcastTo(all)));
    }

    /** −x. */
    public Expr neg() {
        return dtype == DType.INT ? lift(0).sub(this) : unary(UnaryFn.NEG);
    }

    /** |x|. */
    public Expr abs() {
        return dtype == DType.INT ? max(neg()) : unary(UnaryFn.ABS);
    }

    /** −1, 0 or 1. */
    public Expr sign() {
        return unary(UnaryFn.SIGN);
    }

    /** The largest integer that is not above x, still as floating point; its gradient is 0. */
    public Expr floor() {
        return unary(UnaryFn.FLOOR);
    }

    /** The smallest integer that is not below x, still as floating point; its gradient is 0. */
    public Expr ceil() {
        return neg().floor().neg();
    }

    /** The nearest integer, of two that are as near the even one, still as floating point; its gradient is 0. */
    public Expr round() {
        return unary(UnaryFn.ROUND);
    }

    /** x between two bounds, which have its gradient, and these beyond. */
    public Expr clamp(double least, double most) {
        Errors.requireBounds(least, most);
        if (dtype == DType.FLOAT) {
            return new Expr(new Elementwise.Clip(least, most, true), List.of(this));
        }
        Expr low = lift(least);
        Expr high = lift(most);
        return lt(low).where(low, gt(high).where(high, this));
    }

    /** eˣ. */
    public Expr exp() {
        return unary(UnaryFn.EXP);
    }

    /** Natural logarithm. */
    public Expr log() {
        return unary(UnaryFn.LOG);
    }

    /** log(1 + x), exact near 0. */
    public Expr log1p() {
        return unary(UnaryFn.LOG1P);
    }

    /** Square root. */
    public Expr sqrt() {
        return unary(UnaryFn.SQRT);
    }

    /** x². */
    public Expr square() {
        return unary(UnaryFn.SQUARE);
    }

    /** 1/x. */
    public Expr reciprocal() {
        return unary(UnaryFn.RECIPROCAL);
    }

    /** Sine. */
    public Expr sin() {
        return unary(UnaryFn.SIN);
    }

    /** Cosine. */
    public Expr cos() {
        return unary(UnaryFn.COS);
    }

    /** Inverse sine; NaN beyond ±1. */
    public Expr asin() {
        return unary(UnaryFn.ASIN);
    }

    /** Inverse cosine; NaN beyond ±1. */
    public Expr acos() {
        return unary(UnaryFn.ACOS);
    }

    /** Inverse tangent. */
    public Expr atan() {
        return unary(UnaryFn.ATAN);
    }

    /** Hyperbolic sine. */
    public Expr sinh() {
        return unary(UnaryFn.SINH);
    }

    /** Hyperbolic cosine. */
    public Expr cosh() {
        return unary(UnaryFn.COSH);
    }

    /** Inverse hyperbolic sine. */
    public Expr asinh() {
        return unary(UnaryFn.ASINH);
    }

    /** Inverse hyperbolic cosine; NaN below 1. */
    public Expr acosh() {
        return unary(UnaryFn.ACOSH);
    }

    /** Inverse hyperbolic tangent; NaN beyond ±1. */
    public Expr atanh() {
        return unary(UnaryFn.ATANH);
    }

    /** max(x, 0). */
    public Expr relu() {
        return unary(UnaryFn.RELU);
    }

    /** x where positive, {@code slope}·x elsewhere. */
    public Expr leakyRelu(double slope) {
        return unary(UnaryFn.LEAKY_RELU, slope);
    }

    /** x where positive, α(eˣ − 1) elsewhere. */
    public Expr elu(double alpha) {
        return unary(UnaryFn.ELU, alpha);
    }

    /** 1/(1 + e⁻ˣ). */
    public Expr sigmoid() {
        return unary(UnaryFn.SIGMOID);
    }

    /** Hyperbolic tangent. */
    public Expr tanh() {
        return unary(UnaryFn.TANH);
    }

    /** log(1 + eˣ), without overflow. */
    public Expr softplus() {
        return unary(UnaryFn.SOFTPLUS);
    }

    /** The error function. */
    public Expr erf() {
        return unary(UnaryFn.ERF);
    }

    /** x·Φ(x), exact; NaN at −∞. */
    public Expr gelu() {
        return unary(UnaryFn.GELU);
    }

    /** x·sigmoid(x); NaN at −∞. */
    public Expr silu() {
        return unary(UnaryFn.SILU);
    }

    /** {@link #gelu} in the tanh form, x·½(1 + tanh(√(2/π)(x + 0.044715 x³))). */
    public Expr geluTanh() {
        return unary(UnaryFn.GELU_TANH);
    }

    /** x·tanh(log(1 + eˣ)). */
    public Expr mish() {
        return unary(UnaryFn.MISH);
    }

    /** x·(x + 3)/6, the second factor within [0, 1]. */
    public Expr hardSwish() {
        return unary(UnaryFn.HARD_SWISH);
    }

    /** The same numbers as floating point. */
    public Expr toFloat() {
        return cast(DType.FLOAT);
    }

    /** The same numbers as integers, truncated. */
    public Expr toInt() {
        return cast(DType.INT);
    }

    /** The sum over all axes: a scalar. */
    public Expr sum() {
        return sum(allAxes());
    }

    /** The sum over the given axes, which disappear. */
    public Expr sum(int... axes) {
        return sumKeepDims(axes).reshape(shape.without(axes));
    }

    /** The sum over the given axes, which stay with extent 1. */
    public Expr sumKeepDims(int... axes) {
        List<Integer> over = ascending(axes);
        return over.isEmpty() ? this : new Expr(new Reduction.Sum(over), List.of(this));
    }

    /** The mean over all axes: a scalar; of no elements, NaN. */
    public Expr mean() {
        return mean(allAxes());
    }

    /** The mean over the given axes, which disappear. */
    public Expr mean(int... axes) {
        double count = ascending(axes).stream().mapToDouble(shape::dim).reduce(1, (a, b) -> a * b);
        return sum(axes).mul(1 / count);
    }

    /** The largest element over the given axes, which disappear; {@code max(1)} would be the larger of x and 1. */
    public Expr maxOver(int... axes) {
        return maxKeepDims(axes).reshape(shape.without(axes));
    }

    /** The largest element over the given axes, which stay with extent 1. */
    public Expr maxKeepDims(int... axes) {
        List<Integer> over = ascending(axes);
        return over.isEmpty() ? this : new Expr(new Reduction.Max(over), List.of(this));
    }

    /** The same elements in row-major order under another shape. */
    public Expr reshape(Shape to) {
        return shaped("reshape", to).equals(shape) ? this : new Expr(new Movement.Reshape(to), List.of(this));
    }

    /** The same elements in row-major order under another shape; one extent may be −1 and follows from the others. */
    public Expr reshape(int... to) {
        return reshape(shape.reshaped(to));
    }

    /** Merges the axes from {@code start} on. */
    public Expr flatten(int start) {
        int from = shape.rank() == start ? start : shape.axis(start);
        int[] dims = Arrays.copyOf(shape.dims(), from + 1);
        dims[from] = IntStream.range(from, shape.rank()).map(shape::dim).reduce(1, (a, b) -> a * b);
        return reshape(Shape.of(dims));
    }

    /** The axes in another order: axis i of the result is axis {@code order[i]} of this. */
    public Expr transpose(int... order) {
        List<Integer> axes = Arrays.stream(Given.require("transpose", "the order", order))
                .mapToObj(shape::axis)
                .toList();
        return new Expr(new Movement.Transpose(axes), List.of(this));
    }

    /** The last two axes swapped. */
    public Expr transposeLast() {
        int[] order = allAxes();
        int last = shape.axis(-1);
        int before = shape.axis(-2);
        order[last] = before;
        order[before] = last;
        return transpose(order);
    }

    /** Broadcast to a shape: extents of 1 are stretched and axes added in front. */
    public Expr broadcastTo(Shape to) {
        return shaped("broadcastTo", to).equals(shape) ? this : new Expr(new Movement.Broadcast(to), List.of(this));
    }

    /** The elements from index {@code from} up to but without {@code to} along an axis. */
    public Expr slice(int axis, int from, int to) {
        return new Expr(new Movement.Slice(shape.axis(axis), from, to), List.of(this));
    }

    /** Pads an axis with a constant, {@code before} and {@code after} the elements. */
    public Expr pad(int axis, int before, int after, double value) {
        return before == 0 && after == 0
                ? this
                : new Expr(new Movement.Pad(shape.axis(axis), before, after, value), List.of(this));
    }

    /** The concatenation of parts along an axis. */
    public static Expr concat(int axis, List<Expr> parts) {
        if (Given.each("concat", "a part", parts).isEmpty()) {
            throw new ShapeException(Errors.nothingToConcat());
        }
        return parts.size() == 1
                ? parts.get(0)
                : new Expr(new Movement.Concat(parts.get(0).shape.axis(axis)), parts);
    }

    /** The elements at the indices along an axis that {@code index}, integers of the same rank, holds. */
    public Expr gather(int axis, Expr index) {
        return of(new Indexing.Gather(shape.axis(axis)), this, index);
    }

    /** The matrix product over the last two axes. */
    public Expr matmul(Expr other) {
        return of(new Contraction.MatMul(), this, other);
    }

    /** The convolution of images N×C×H×W with weights O×C/groups×KH×KW. */
    public Expr conv(Expr weight, ConvSpec spec) {
        return of(new Contraction.Conv(Given.require("conv", "the spec", spec)), this, weight);
    }

    /** The largest element of each window of images N×C×H×W. */
    public Expr maxPool(PoolSpec spec) {
        return new Expr(new Pooling.MaxPool(Given.require("maxPool", "the spec", spec)), List.of(this));
    }

    /** The mean of each window of images N×C×H×W, padding counted as zeros. */
    public Expr avgPool(PoolSpec spec) {
        return new Expr(new Pooling.AvgPool(Given.require("avgPool", "the spec", spec)), List.of(this));
    }

    /** eˣ over its sum along an axis. */
    public Expr softmax(int axis) {
        return new Expr(new Normalised.Softmax(shape.axis(axis)), List.of(this));
    }

    /** x − log Σ eˣ along an axis. */
    public Expr logSoftmax(int axis) {
        return new Expr(new Normalised.LogSoftmax(shape.axis(axis)), List.of(this));
    }

    /**
     * Each row normalised, (x − mean) / √(variance + ε), times a weight plus a bias; a row is all that lies along the last axes, as many
     * as weight and bias have.
     */
    public Expr layerNorm(Expr weight, Expr bias, double eps) {
        return of(new LayerNormalisation(eps), this, weight, bias);
    }

    /**
     * Of N×C×… each group of neighbouring channels of each sample normalised, (x − mean) / √(variance + ε), and each channel times a
     * weight plus a bias.
     *
     * @param groups how many groups there are
     */
    public Expr groupNorm(int groups, Expr weight, Expr bias, double eps) {
        return of(new GroupNormalisation(groups, eps), this, weight, bias);
    }

    /** Mean, and as a further result biased variance, along the given axes, which stay with extent 1. */
    public Expr moments(int... axes) {
        return new Expr(new Moments(ascending(axes)), List.of(this));
    }

    /** (this − mean) · scale + shift; these are of one shape with extents of this one or 1. */
    public Expr standardise(Expr mean, Expr scale, Expr shift) {
        return of(new Standardise(), this, mean, scale, shift);
    }

    /**
     * Attention of these queries N×T×H×D to keys N×S×H×D: softmax(q·kᵀ/√D + mask)·values for each sample and head.
     *
     * @param values N×S×H×V; the result is N×T×H×V
     * @param masks what is added, N×H×T×S, where each but the last extent may be 1; none or one
     * @param isCausal whether query t sees no keys but the first t + 1
     */
    public Expr attention(Expr keys, Expr values, List<Expr> masks, boolean isCausal) {
        return attention(keys, values, masks, isCausal, 0, NONE);
    }

    /**
     * The same, with weights that are dropped with a probability.
     *
     * @param dropout the probability, in [0, 1]
     * @param seeds N×H×T×2, uniform in [0, 1): what each query draws from
     */
    public Expr attention(Expr keys, Expr values, List<Expr> masks, boolean isCausal, double dropout, Expr seeds) {
        List<Expr> operands = new ArrayList<>(Arrays.asList(this, keys, values));
        operands.addAll(Given.require("attention", "the masks", masks));
        Given.require("attention", "the seeds", seeds);
        if (dropout != 0) {
            operands.add(seeds);
        }
        return new Expr(new Attention(isCausal, dropout), operands);
    }

    /** Numbers uniform in [0, 1) that follow from seeds …×2: so many for each pair. */
    public Expr draws(int count) {
        return new Expr(new Draws(count), List.of(this));
    }

    /** The same value, without a gradient. */
    public Expr stopGradient() {
        return new Expr(new Marker.StopGradient(), List.of(this));
    }

    /** The same value, if {@code condition} holds everywhere; otherwise the run fails and names the element. */
    public Expr require(Expr condition, String expectation) {
        Given.require("require", "the expectation", expectation);
        Given.require("require", "the condition", condition);
        return new Expr(new Marker.Require(expectation), List.of(this, condition.broadcastTo(shape)));
    }

    /** An operator of operands that users gave. */
    private static Expr of(Op op, Expr... operands) {
        return new Expr(op, Arrays.asList(operands));
    }

    private Expr unary(UnaryFn fn) {
        return unary(fn, 0);
    }

    private Expr unary(UnaryFn fn, double alpha) {
        return new Expr(new Elementwise.Unary(fn, alpha), List.of(this));
    }

    private Expr binary(BinaryFn fn, Expr other) {
        Shape both = Shape.broadcast(shape, Given.require(fn.toString(), "the other operand", other).shape);
        return new Expr(new Elementwise.Binary(fn), List.of(broadcastTo(both), other.broadcastTo(both)));
    }

    private Expr cast(DType to) {
        return to == dtype ? this : new Expr(new Elementwise.Cast(to), List.of(this));
    }

    private Expr lift(double value) {
        if (dtype == DType.INT && value != (int) value) {
            throw new ShapeException(Errors.notAnInteger(value));
        }
        return constant(value).cast(dtype);
    }

    private int[] allAxes() {
        return IntStream.range(0, shape.rank()).toArray();
    }

    private List<Integer> ascending(int... axes) {
        return Arrays.stream(Given.require("Expr", "the axes", axes))
                .map(shape::axis)
                .sorted()
                .distinct()
                .boxed()
                .toList();
    }

    /** The operator and the shape: {@code conv pad 2 : 64×32×32×32}. */
    @Override
    public String toString() {
        return op + " : " + shape;
    }
}
