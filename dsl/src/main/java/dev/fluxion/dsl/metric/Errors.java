package dev.fluxion.dsl.metric;

import dev.fluxion.Tensor;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Shape;
import java.util.Arrays;

/** Every message of this package. */
final class Errors {
    private Errors() {}

    static String classOutputs(String metric, Tensor output) {
        return metric + ": expected outputs N×C or N×C×… but got " + kind(output) + output.shape();
    }

    static String oneClass(String metric, Shape output) {
        return metric + ": outputs " + output
                + " have a single class, which would always be the largest; of logits of yes or"
                + " no take " + (metric.equals("accuracy") ? "binaryAccuracy()" : "what is binary");
    }

    static String label(String metric, int label, int classes, int ignored) {
        return metric + ": a label must be a class in [0, " + classes + ") or " + ignored
                + ", which is ignored, but is " + label;
    }

    static String labels(String metric, Shape expected, Shape output, Tensor target) {
        boolean integers = target.dtype() == DType.INT;
        return metric + ": expected integer labels " + expected + " for outputs " + output + " but got "
                + (integers ? "integers " : "floating-point targets ") + target.shape()
                + (integers ? "" : "; make labels with Tensor.labels(…)");
    }

    static String targets(String metric, String targets, Tensor output, Tensor target) {
        return metric + ": expected floating-point " + targets + " of the outputs' shape " + output.shape()
                + " but got "
                + (output.dtype() == DType.INT ? "outputs that are integers, " : "")
                + (target.dtype() == DType.INT ? "integers " : "floating-point targets ") + target.shape();
    }

    static String bit(String metric, float target) {
        return metric + ": a target must be 0 or 1 but is " + target;
    }

    static String outputIs(String metric, Shape shape, int element, float x, String expected) {
        return metric + ": output " + index(shape, element) + " is " + x + ", not " + expected;
    }

    static String targetIs(String metric, Shape shape, int element, float x, String expected) {
        return metric + ": target " + index(shape, element) + " is " + x + ", not " + expected;
    }

    static String zeroTarget(String metric, Shape shape, int element) {
        return metric + ": target " + index(shape, element)
                + " is 0, and no error is relative to 0; least(x) divides by x where a target is smaller";
    }

    static String probabilitiesAddUp(String metric, Shape shape, int element, int classes, double sum) {
        return metric + ": the " + classes + " outputs from " + index(shape, element) + " on add up to " + sum
                + ", not to 1 as probabilities; logits need no probabilities()";
    }

    static String otherTally(String metric) {
        return metric + ": merge takes a tally of the same metric with the same options";
    }

    static String otherClasses(String metric, int known, int given) {
        return metric + ": expected outputs of " + known + " classes, as before, but got " + given;
    }

    static String severalOutputs(Shape output) {
        return "r2: outputs " + output
                + " have several numbers for a sample; say how they become one, as r2(MACRO), the mean of their values";
    }

    static String tooManyScores(String metric, int limit) {
        return metric + ": more than " + limit
                + " scores were added, and each is kept to be sorted; limit(n) allows more, at 8 bytes each";
    }

    static String average(String metric, Average average, String allowed) {
        return metric + ": " + average + " has no meaning here; it takes " + allowed;
    }

    static String names(String metric, int names, int classes) {
        return metric + ": there are names for " + names + " classes but the outputs have " + classes;
    }

    static String alwaysAmong(String metric, int top, Shape output) {
        return metric + ": of outputs " + output + " the label is always among the first " + top
                + "; take fewer than there are classes";
    }

    private static String kind(Tensor tensor) {
        return tensor.dtype() == DType.INT ? "integers " : "";
    }

    private static String index(Shape shape, int element) {
        int[] index = new int[shape.rank()];
        int[] strides = shape.strides();
        for (int i = 0; i < index.length; i++) {
            index[i] = element / strides[i] % shape.dim(i);
        }
        return Arrays.toString(index);
    }
}
