package dev.fluxion.dsl.loss;

import dev.fluxion.ir.Shape;
import java.util.List;
import java.util.Set;

/** Every message of this package. */
final class Errors {
    private Errors() {}

    static String weightCount(int classes, int weights) {
        return "expected a weight per class, " + classes + ", but got " + weights;
    }

    static String noClasses(Shape output) {
        return "expected logits N×C or N×C×… but got " + output;
    }

    static String noRows(Shape output) {
        return "expected outputs N×C or C but got " + output;
    }

    static String notFloating(String what, Shape shape) {
        return "expected floating-point " + what + " but got integers " + shape;
    }

    static String elementwiseShapes(Shape output, Shape target) {
        String message = "expected targets of the output's shape " + output + " but got " + target;
        return output.size() == target.size() ? message + "; reshape one of them" : message;
    }

    static String notElementwise(Shape expected, Shape actual) {
        return "the formula must give a loss for each element, " + expected + ", but gives " + actual
                + "; leave sum() and mean() to reduction(…)";
    }

    static String classTargets(Shape expected, Shape output, Shape target) {
        String message =
                "expected a class per position, " + expected + ", for logits " + output + " but got targets " + target;
        if (target.equals(output)) {
            return message + "; if they are probabilities, use crossEntropyWithProbabilities()";
        }
        return target.size() == expected.size() ? message + "; reshape the targets" : message;
    }

    static String classesAreFloating(Shape target) {
        return "expected integers, a class per position, but got floating-point targets " + target
                + "; make them with Tensor.labels(…), or use crossEntropyWithProbabilities() for probabilities";
    }

    static String probabilityTargets(Shape output, Shape target) {
        return "expected a probability per logit, " + output + ", but got targets " + target
                + "; for a class per position use crossEntropy()";
    }

    static String classOutOfRange(int classes, int ignoreIndex) {
        return "a target must be a class in [0, " + classes + ") or " + ignoreIndex + ", which is ignored";
    }

    static String nothingToAverage() {
        return "the weights of the targets that are not ignored must not sum to 0";
    }

    static String otherScale(String expected, String made) {
        return "it expects " + expected + " but its input comes from " + made;
    }

    static String inputShape(String what, Shape expected, Shape actual) {
        return "expected " + what + " " + expected + " but got " + actual;
    }

    static String weightsOfShape(String place, int weights, Shape shape) {
        return place + ": expected as many weights as the shape " + shape + " has elements but got " + weights;
    }

    static String posWeight(Shape weights, Shape outputs) {
        return "expected posWeight to broadcast to the outputs " + outputs + " but it is " + weights;
    }

    static String notIntegers(String what, Shape actual) {
        return "expected integers as " + what + " but got floating-point numbers " + actual;
    }

    static String inputCount(List<String> names, int least, int count) {
        String expected = least == names.size() ? "" + least : least + " to " + names.size();
        return "expected " + expected + " inputs, " + String.join(", ", names) + ", but got " + count;
    }

    static String noGradientOf(int input, Set<Integer> inputs) {
        return "input " + input + " has no gradient, only " + inputs + " have one";
    }

    static String signs() {
        return "a target must be -1 or 1";
    }

    static String bits() {
        return "a target must be 0 or 1";
    }

    static String fractions(String what) {
        return "each " + what + " must be in [0, 1]";
    }

    static String sumToOne(String what) {
        return "the sum of each " + what + " over the classes must be 1";
    }

    static String logProbabilities(String what) {
        return "each " + what + " must be the logarithm of a probability, at most 0; apply logSoftmax() before";
    }

    static String classRange(int from, int classes) {
        return "a target must be " + (from < 0 ? from + " or " : "") + "a class in [0, " + classes + ")";
    }

    static String varianceShape(Shape output, Shape actual) {
        return "expected variances of the output's shape " + output
                + ", or of extent 1 or without the last axis, but got " + actual;
    }

    static String notNegative(String what) {
        return "each " + what + " must be at least 0";
    }

    static String length(String what, int most) {
        return "each " + what + " must be in [0, " + most + "]";
    }

    static String distanceShape(Shape rows, Shape actual) {
        return "the distance of rows " + rows + " must have shape " + rows.without(-1) + " but has " + actual;
    }

    static String stackedOutput(List<String> parts, Shape actual) {
        return "expected outputs N×" + parts.size() + "×…, axis 1 holding " + String.join(", ", parts) + ", but got "
                + actual;
    }

    static String ctcOutput(String expected, Shape actual) {
        return "expected log-probabilities " + expected + " but got " + actual;
    }

    static String ctcBlank(int blank, int classes) {
        return "the blank must be a class in [0, " + classes + ") but is " + blank;
    }

    static String noInputNames() {
        return "the inputs of a loss that is stacked need names; implement MultiLoss.inputs()";
    }
}
