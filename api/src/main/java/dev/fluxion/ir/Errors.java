package dev.fluxion.ir;

import dev.fluxion.Tensor;
import java.util.Arrays;
import java.util.List;

/** Every message of this package. */
final class Errors {
    /** More axes than a table is beside. */
    private static final int MOST_AXES = 16;

    private Errors() {}

    static void requireFloat(Op op, List<Expr> inputs) {
        for (Expr in : inputs) {
            if (in.dtype() != DType.FLOAT) {
                throw new ShapeException(op + " needs floating-point operands but got integers " + in.shape()
                        + "; convert them with toFloat()");
            }
        }
    }

    /** Kernels know the operators of the language alone. */
    static Op requireOperator(Op op) {
        if (!op.getClass().getPackageName().equals(Op.class.getPackageName())) {
            throw new IllegalArgumentException(
                    "Expr: " + op + " is no operator of the language; write it as a function of expressions");
        }
        return op;
    }

    /** Requires what graphs, inputs and parameters have in common: NaN arises in a run and is never given to one. */
    static void requireNumber(String what, double value) {
        if (Double.isNaN(value)) {
            throw new IllegalArgumentException(what + " must be a number, which may be infinite, but is NaN");
        }
    }

    static void requireConstant(Tensor values) {
        for (int i = 0; i < values.size(); i++) {
            if (values.dtype() == DType.FLOAT && Float.isNaN(values.floats()[i])) {
                throw new IllegalArgumentException("constant " + values.shape() + ": element " + i + " is NaN");
            }
        }
    }

    static void requireTable(TableRule rule, List<Integer> numbers, double scale, int axis, int rank) {
        if (!(scale >= 0) || !rule.fits(numbers, scale) || axis < 0 || axis >= rank || rank > MOST_AXES) {
            throw new ShapeException("there is no table " + rule + " of " + numbers
                    + (scale == 0 ? "" : " with the scale " + scale) + " along axis " + axis + " of " + rank);
        }
    }

    static String noSequences(Op op, Shape sequences, Shape state) {
        return op + ": expected sequences N×T×… and states N×… but got " + sequences + " and " + state;
    }

    static void requireLengths(Op op, Expr lengths, int sequences) {
        if (lengths.dtype() != DType.INT || !lengths.shape().equals(Shape.of(sequences))) {
            throw new ShapeException(op + ": expected the lengths of " + sequences + " sequences but got "
                    + lengths.dtype() + " " + lengths.shape());
        }
    }

    static void requireShape(Op op, Shape expected, Shape actual) {
        if (!expected.equals(actual)) {
            throw new ShapeException(op + ": expected shape " + expected + " but got " + actual);
        }
    }

    static String notHeads(Op op, Shape q, Shape k, Shape v) {
        return op + ": expected queries N×T×H×D, keys N×S×H×D and values N×S×H×V but got " + q + ", " + k + " and " + v;
    }

    static String oneMask(Op op, int count) {
        return op + ": expected one mask at most but got " + count;
    }

    static String notMask(Op op, Shape all, Shape mask) {
        return op + ": expected a mask that broadcasts to " + all + " but got " + mask;
    }

    static String notSeeds(Op op, Shape seeds) {
        return op + ": expected pairs of seeds …×" + Draws.SEEDS + " but got " + seeds;
    }

    static String noSeeds(Op op, Shape expected) {
        return op + ": with dropout, expected seeds " + expected + " as the last operand but got none";
    }

    static String notDropout(Op op, double dropout) {
        return op + ": expected a dropout in [0, 1] but got " + dropout;
    }

    static void requireStatistic(Op op, Shape x, Shape statistic) {
        boolean fits = statistic.rank() == x.rank();
        for (int i = 0; fits && i < x.rank(); i++) {
            fits = statistic.dim(i) == x.dim(i) || statistic.dim(i) == 1;
        }
        if (!fits) {
            throw new ShapeException(
                    op + ": expected statistics of " + x + ", with its extents or 1, but got shape " + statistic);
        }
    }

    static void requireGroups(Op op, int groups, Shape x) {
        if (x.rank() < 2 || groups < 1 || x.dim(1) % groups != 0) {
            throw new ShapeException(
                    op + " needs channels, axis 1, that divide into " + groups + " groups but got " + x);
        }
    }

    static void requireRow(Op op, Shape row, Shape x) {
        int first = x.rank() - row.rank();
        boolean fits = row.rank() > 0 && first >= 0;
        for (int i = 0; fits && i < row.rank(); i++) {
            fits = row.dim(i) == x.dim(first + i);
        }
        if (!fits) {
            throw new ShapeException(differentRow(op, row, x));
        }
    }

    static int requireExtent(Op op, long extent, Shape shape) {
        if (extent > Integer.MAX_VALUE) {
            throw new ShapeException(extentTooLarge(op, extent, shape));
        }
        return (int) extent;
    }

    static String outside(String call, String what, int count) {
        return call + ": " + what + " is outside of [0, " + count + ")";
    }

    static String isNull(String call, String part) {
        return call + ": " + part + " must not be null";
    }

    static String negativeExtent(int[] dims) {
        return "a shape's extents must not be negative, but got " + Arrays.toString(dims);
    }

    static String tooManyElements(int[] dims) {
        return "a shape may hold at most 2147483647 elements, but " + Arrays.toString(dims) + " holds more";
    }

    static String axisOutOfRange(int axis, Shape shape) {
        return shape.rank() == 0
                ? "axis " + axis + " does not exist in a scalar"
                : "axis " + axis + " is outside [" + -shape.rank() + ", " + shape.rank() + ") for shape " + shape;
    }

    static String cannotBroadcast(Shape a, Shape b) {
        return "shapes " + a + " and " + b
                + " do not broadcast: aligned from the last axis, extents must agree or be 1";
    }

    static String unbound(String kind, String name) {
        return "no value is bound to " + kind + " '" + name + "'";
    }

    static String keptTwice(String name) {
        return "the rule of an update keeps '" + name + "' twice: each tensor that it keeps needs a name of its own";
    }

    /** The rule of an update as the user wrote it. */
    static String rule(Object rule) {
        Class<?> type = rule.getClass();
        return type.isHidden() || type.isSynthetic() ? "the rule of an update" : String.valueOf(rule);
    }

    static String foreign(Object rule, Expr leaf) {
        return rule(rule) + " must be made of the value, the gradient, constants and what its state gives, but uses "
                + leaf.op();
    }

    static String requiring(Object rule) {
        return rule(rule) + " must not require anything: a part of the parameters would have changed when it fails";
    }

    static String nextShape(Object rule, String what, Shape expected, Expr given) {
        return rule(rule) + ": " + what + " must have the shape and element type of the value, " + DType.FLOAT + " "
                + expected + " here, but has " + given.dtype() + " " + given.shape();
    }

    static String slotName(String name) {
        return "the name of what is kept must be not blank and without '.' but is \"" + name + "\"";
    }

    static String bindingShape(String name, Shape expected, Shape actual) {
        return "'" + name + "': expected a value of shape " + expected + " but got " + actual;
    }

    static String differentShapes(Op op, Shape a, Shape b) {
        return op + " needs operands of equal shape but got " + a + " and " + b;
    }

    static String differentTypes(Op op, DType a, DType b) {
        return op + " needs operands of one element type but got " + a + " and " + b;
    }

    static String differentRow(Op op, Shape row, Shape x) {
        return op + " needs a weight of the shape of the last axes of " + x + " but got " + row;
    }

    static String noSuchResult(Expr node, int index, int count) {
        return node + " has " + (count == 1 ? "one result" : count + " results") + ", but not result " + index;
    }

    /** What integers are divided by. */
    static final String DIVISOR = "the divisor of integers must not be 0";

    static void requireBounds(double least, double most) {
        if (!(least <= most)) {
            throw new ShapeException(
                    "clamp: the lower bound must be at most the upper one but they are " + least + " and " + most);
        }
    }

    static String emptyMaximum(Op op, Shape x) {
        return op + " of " + x + ": there is no largest element of none";
    }

    static String notAnInteger(double value) {
        return "integers cannot be combined with " + value + "; convert them with toFloat()";
    }

    static String notDifferentiable(Expr e) {
        return "only floating-point expressions have a gradient, but got integers: " + e;
    }

    static String cannotReshape(Shape from, Shape to) {
        return "cannot reshape " + from + " (" + from.size() + " elements) to " + to + " (" + to.size() + ")";
    }

    static String cannotInfer(Shape from, int[] to) {
        return "cannot reshape " + from + " (" + from.size() + " elements) to " + Arrays.toString(to)
                + ": the open extent -1 would not be whole";
    }

    static String notAPermutation(List<Integer> order, Shape shape) {
        return "transpose order " + order + " is not a permutation of the axes of " + shape;
    }

    static String sliceOutOfRange(int axis, int from, int to, Shape shape) {
        return "slice " + from + ".." + to + " along axis " + axis + " is outside shape " + shape;
    }

    static String negativePadding(int axis, int before, int after) {
        return "padding must not be negative but is " + before + ", " + after + " along axis " + axis;
    }

    static String extentTooLarge(Op op, long extent, Shape shape) {
        return op + " needs an extent of at most 2147483647 but would make one of " + extent + " of shape " + shape;
    }

    static String nothingToConcat() {
        return "concat needs at least one part";
    }

    static String cannotConcat(int axis, Shape a, Shape b) {
        return "concat along axis " + axis + " needs parts that agree in type and in the other extents, but got " + a
                + " and " + b;
    }

    static String notAnIndex(Op op, DType type) {
        return op + " needs an integer index but got " + type;
    }

    static String indexDoesNotFit(Op op, int axis, Shape other, Shape index) {
        return op + ": the index must have the rank and, except along axis " + axis + ", the extents of " + other
                + ", but is " + index;
    }

    static String indexOutOfRange(String op, int index, int position, int extent) {
        return op + ": index " + index + " at position " + position + " is outside [0, " + extent + ")";
    }

    static String cannotMultiply(Shape a, Shape b) {
        return "matmul needs M×K and K×N with equal batch axes but got " + a + " and " + b;
    }

    static String badConvolution(Size stride, Size pad, Size dilation, int groups) {
        return "a convolution needs stride, dilation and groups ≥ 1 and pad ≥ 0 but got stride " + stride
                + ", dilation " + dilation + ", groups " + groups + ", pad " + pad;
    }

    static String convolutionRank(Op op, Shape x, Shape w) {
        return op + " needs images N×C×H×W and weights O×C×KH×KW but got " + x + " and " + w;
    }

    static String convolutionChannels(long expected, int actual, Shape x) {
        return "expected " + expected + " input channels but got " + actual + " (input " + x + ")";
    }

    static String convolutionGroups(int groups, int channels) {
        return "the number of output channels must be a multiple of groups " + groups + " but is " + channels;
    }

    static String badPooling(Size kernel, Size stride, Size pad) {
        return "a pooling needs kernel and stride ≥ 1 and 0 ≤ pad ≤ kernel/2 but got kernel " + kernel + ", stride "
                + stride + ", pad " + pad;
    }

    static String poolingRank(Op op, Shape x) {
        return op + " needs images N×C×H×W but got " + x;
    }

    static String windowTooLarge(Op op, Size kernel, Size dilation, Size pad, Shape x) {
        return op + ": kernel " + kernel + (dilation.equals(Size.of(1)) ? "" : " with dilation " + dilation)
                + " does not fit into images of height " + x.dim(2) + " and width " + x.dim(3) + " padded by " + pad;
    }

    static String paddedTooLarge(Op op, long height, long width, Size pad, Shape x) {
        return op + " needs padded images of at most 2147483647 rows and columns but got " + height + "×" + width
                + " (input " + x + " padded by " + pad + ")";
    }

    static String noSecondDerivative(String op) {
        return op + " has no second derivative in Fluxion; its gradient cannot be differentiated again";
    }

    static String notAScalar(Shape shape) {
        return "only a scalar can be differentiated, but the objective has shape " + shape
                + "; reduce it, as with mean()";
    }

    static String requirementFailed(String expectation, Number value, int position, Shape shape) {
        return expectation + ", but element " + Arrays.toString(index(position, shape)) + " is " + value;
    }

    static String duplicateName(String name) {
        return "two different inputs, parameters or buffers are named '" + name + "'";
    }

    static String wrongCount(Shape shape, int count) {
        return "shape " + shape + " holds " + shape.size() + " elements but " + count + " were given";
    }

    static String notOneElement(Shape shape) {
        return "expected a value of one element but its shape is " + shape;
    }

    static String gradientCount(int parameters, int gradients) {
        return "an update needs one gradient per parameter but got " + gradients + " for " + parameters;
    }

    static String notAParameter(Expr e) {
        return "only parameters can be updated, but got " + e;
    }

    static String in(String origin, String message) {
        return origin + ": " + message;
    }

    private static int[] index(int position, Shape shape) {
        int[] index = shape.strides();
        for (int i = 0; i < index.length; i++) {
            index[i] = position / index[i] % shape.dim(i);
        }
        return index;
    }

    static String notOfRows(Object rule, Expr parameter, Expr gradient) {
        return rule(rule) + " changes only the rows of " + ((Leaf.Variable) parameter.op()).parameter()
                + " that a step reads, but its gradient is no sum of rows: " + gradient.op();
    }
}
