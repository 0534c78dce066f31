package dev.fluxion;

import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Every message of this package. */
final class Errors {
    private Errors() {}

    static String wrongCount(Shape shape, int count) {
        return shape.rank() == 0
                ? "a scalar holds one element but the array has " + count + "; Tensor.vector(…) makes a vector"
                : "shape " + shape + " holds " + shape.size() + " elements but the array has " + count;
    }

    static String noSum(String metric) {
        return metric + ": it is no mean over samples, so there is no sum; add batches to start()";
    }

    static String otherTally(String metric) {
        return metric + ": merge takes a tally of the same metric with the same options";
    }

    static String noWeights(Object tally) {
        return tally + " adds whole samples only: it has no merge with a weight";
    }

    static String noWeights(String metric, String weights) {
        return metric + ": add takes outputs and targets by name, the weights '" + weights + "' among the targets";
    }

    static String badWeights(String metric, String weights, Tensor given, int samples) {
        return metric + ": the weights '" + weights + "' must be floats of shape " + samples
                + ", one for each sample, but are " + (given.dtype() == DType.INT ? "integers " : "floats ")
                + given.shape();
    }

    static String badWeight(String metric, String weights, int sample, float weight) {
        return metric + ": the weights '" + weights + "' must be finite and not negative but that of sample " + sample
                + " is " + weight;
    }

    static String notFloats(Shape shape) {
        return "a tensor of integers (" + shape + ") has no floats; read ints()";
    }

    static String notInts(Shape shape) {
        return "a tensor of floats (" + shape + ") has no ints; read floats()";
    }

    static String badIndex(int[] index, Shape shape) {
        return "index " + Arrays.toString(index) + " is outside shape " + shape;
    }

    static String notOneElement(Shape shape) {
        return "item() needs a tensor of one element but its shape is " + shape;
    }

    static String duplicate(Expr before, Expr now) {
        return name(now) + " is declared twice, with shape " + declared(before) + " and with shape " + declared(now)
                + "; give one of the layers a name with named(\"…\")";
    }

    static String shared(Expr before, Expr now) {
        return name(before) + " is shared: it has the shape " + declared(before) + " where it is used first, and"
                + " would have " + declared(now) + " here";
    }

    static String unknownParameter(String name, Set<String> known) {
        return "no layer before has the parameter '" + name + "'; "
                + (known.isEmpty() ? "none has parameters" : "there are " + known);
    }

    private static String declared(Expr leaf) {
        return leaf.shape() + (leaf.origin().isEmpty() ? "" : " by " + leaf.origin());
    }

    /** As {@code parameter '0.weight'}. */
    private static String name(Expr leaf) {
        String kind = leaf.op() instanceof Leaf.Buffer ? "buffer" : "parameter";
        return leaf.op() instanceof Leaf.Variable variable ? kind + " '" + variable.parameter() + "'" : leaf.toString();
    }

    static String noBuffer(Expr other) {
        return "update: expected a buffer of this model but got " + name(other);
    }

    static String updateOutsideTraining(String buffer) {
        return "buffer '" + buffer + "' is updated outside of training; ask scope.training() first";
    }

    static String nextValue(Expr buffer, Expr next) {
        return "the next value of " + name(buffer) + ": expected " + buffer.shape() + " of floats but got "
                + next.shape() + " of " + next.dtype().name().toLowerCase(Locale.ROOT) + "s";
    }

    static String updatedTwice(String buffer) {
        return "buffer '" + buffer + "' is updated twice in one step";
    }

    static String unknownValue(String name, Set<String> known) {
        return "there is no value '" + name + "' here; "
                + (known.isEmpty() ? "no input or value has a name" : "there are " + known)
                + ". Declare it as an input of the model, or name it before with as(\"" + name + "\")";
    }

    static String blankName(String kind) {
        return "the name of " + kind + " must not be blank";
    }

    static String badExtent(String input, Shape sample, int axis, String name) {
        return "input '" + input + "': axis " + axis + " cannot vary as '" + name + "'; a sample is " + sample
                + ", an axis that varies is one of it, with an extent of at least 1 and a name";
    }

    static String namedTwice(String kind, String name, Expr before, Expr now) {
        return "two " + kind + "s are called '" + name + "', of shape " + declared(before) + " and of shape "
                + declared(now) + "; give one of them another name";
    }

    static String outputIsResult(String name) {
        return "'" + name + "' is what the last layer makes; give this output another name";
    }

    static String sameTensor(String name) {
        return "there is a tensor '" + name + "' already";
    }

    static String noTensor(String name, Set<String> names) {
        return "there is no tensor '" + name + "'; there " + (names.size() == 1 ? "is " : "are ") + listed(names);
    }

    static String notOneTensor(Set<String> names) {
        return "expected a single tensor but there are " + listed(names)
                + (names.isEmpty() ? "" : "; take one by its name");
    }

    static String notOneTarget(Set<String> names) {
        return "a metric takes one target but there are " + listed(names) + "; say which with on(\"output\", \"…\")";
    }

    private static String listed(Set<String> names) {
        return names.isEmpty() ? "none" : names.contains("") ? "one without a name" : names.toString();
    }

    /** A loss as the user wrote it. */
    static String text(Object loss) {
        Class<?> type = loss.getClass();
        return type.isHidden() || type.isSynthetic() ? "lambda" : loss.toString();
    }

    static String otherNames(Object loss, List<String> inputs, List<String> names) {
        return text(loss) + ": expected names of its inputs" + (inputs.isEmpty() ? "" : " " + inputs) + " but got "
                + names;
    }

    static String sameNames(Object loss, List<String> names) {
        return text(loss) + ": the names of its inputs must differ but are " + names;
    }

    static String otherTarget(Object loss, List<String> names, Expr[] given, Shape expected, DType type) {
        return text(loss) + " of '" + names.get(0) + "' " + given[0].shape() + ": expected "
                + (type == DType.INT ? "integer" : "floating-point") + " targets " + expected + " but '" + names.get(1)
                + "' is " + (given[1].dtype() == DType.INT ? "integers " : "") + given[1].shape();
    }

    static String badFactor(double factor) {
        return "plus: the factor must be finite and above 0 but is " + factor;
    }

    static String addedWithoutNames(Object loss) {
        return "plus: the inputs of " + text(loss) + " have no names; give it names with on(\"…\", \"…\")";
    }

    static String inputCount(Object loss, List<String> names, int count) {
        return text(loss) + ": expected the inputs " + names + " but got " + count;
    }

    static String twoInputs(int count) {
        return "a loss takes an output and a target but got " + count + (count == 1 ? " input" : " inputs");
    }

    static String negativeIndex(int index) {
        return "then: the index of a schedule must be at least 0 but is " + index;
    }

    static void requireSameUnit(String call, Schedule first, Schedule second) {
        if (first.unit() != second.unit()) {
            throw new IllegalArgumentException(
                    call + ": one schedule counts epochs and the other one steps: " + first + " and " + second);
        }
    }

    static void require(boolean holds, String call, String argument, String expected, double x) {
        if (!holds) {
            String actual = x == (int) x ? Integer.toString((int) x) : Double.toString(x);
            throw new IllegalArgumentException(call + ": " + argument + " must be " + expected + " but is " + actual);
        }
    }

    static String groupInGroup(Optimizer own) {
        return "group: the optimizer of a group has no groups or options of all gradients, but " + own + " has some";
    }

    static String blankPattern(String call) {
        return call + ": a pattern must not be blank";
    }

    static String noParameter(String call, String pattern, List<String> names) {
        return call + ": there is no parameter '" + pattern + "', nor one within it; there are " + names;
    }

    static String inTwoGroups(String name, Object first, Object second) {
        return "group: parameter '" + name + "' is in two groups, '" + first + "' and '" + second + "'";
    }

    static String positionsElsewhere(int steps, Shape shape) {
        return "the session goes on along axis 1, where it got " + steps + " positions, but here are values of "
                + shape;
    }

    static String nextState(Expr state, Expr next) {
        return "the next value of a state must have its shape, " + state.shape() + ", but has " + next.shape();
    }

    static String averageOfRows(Object rule) {
        return rule + " changes only some rows in a step, and average all: give it no average";
    }
}
