package dev.fluxion.dsl;

import dev.fluxion.Layer;
import dev.fluxion.Loss;
import dev.fluxion.Scope.Applied;
import dev.fluxion.Tensor;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Legible;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Slot;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Every message of this package. */
final class Errors {
    private static final int LONGEST_TRACE = 12;

    private Errors() {}

    static String at(Object what, CallSite callSite, String message) {
        return place(what, callSite) + ": " + message;
    }

    static String place(Object what, CallSite callSite) {
        return what + " at " + callSite;
    }

    /** Where a layer was written and stands. */
    static String place(CallSite callSite, String path) {
        return "at " + callSite + (path.isEmpty() ? "" : " (layer " + path + " of the model)");
    }

    /** A misfit: the layer, where it was written and stands, what is wrong, how the shapes came about, what to do. */
    static String misfit(
            String layer, CallSite callSite, String path, String message, String hint, List<Applied> trace) {
        StringBuilder out = new StringBuilder(layer + " " + place(callSite, path) + ": " + message);
        int skipped = Math.max(0, trace.size() - LONGEST_TRACE);
        if (skipped > 0) {
            out.append("\n  … ")
                    .append(skipped)
                    .append(skipped == 1 ? " layer" : " layers")
                    .append(" before");
        }
        List<Applied> shown = trace.subList(skipped, trace.size());
        int paths = width(shown.stream().map(Applied::path).toList());
        int layers = width(shown.stream().map(Applied::layer).toList());
        for (Applied a : shown) {
            out.append("\n  ").append(padded(a.path(), paths)).append(paths == 0 ? "" : " ");
            out.append(padded(a.layer(), layers))
                    .append("  ")
                    .append(a.input())
                    .append(" → ")
                    .append(a.output());
        }
        return hint.isEmpty() ? out.toString() : out.append("\n  ").append(hint).toString();
    }

    static int width(List<String> cells) {
        return cells.stream().mapToInt(String::length).max().orElse(0);
    }

    static String padded(String cell, int width) {
        return cell + " ".repeat(width - cell.length());
    }

    static String argument(Object what, CallSite callSite, String argument, String expected, Object actual) {
        return at(what, callSite, argument + " must be " + expected + " but is " + actual);
    }

    static String notImages(Shape actual) {
        return "expected images N×C×H×W but got " + actual;
    }

    static String sameName(Layer before, Layer part, String name) {
        return placed(before) + " and " + placed(part) + " are both called '" + name
                + "'; give one of them another name with named(\"…\")";
    }

    static String placed(Layer layer) {
        return layer instanceof NamedLayer own ? place(Text.of(layer), own.callSite()) : Text.of(layer);
    }

    static String sameMetric(String call, String name) {
        return call + ": two metrics are called '" + name
                + "'; that of a loss has the name it is given: mean(\"…\", loss)";
    }

    static String channels(int expected, Shape input) {
        return "expected " + expected + " input channels but got " + input.dim(1) + " (input " + input + ")";
    }

    static String ungroupable(int groups, Shape input) {
        return "expected input channels in " + groups + " equal groups but got " + input.dim(1) + " (input " + input
                + ")";
    }

    static String features(int expected, Shape input) {
        return "expected " + expected + " input features along the last axis but got " + input.dim(-1) + " (input "
                + input + ")";
    }

    static String notRows(Shape input) {
        return "expected a batch of rows N×in but got " + input;
    }

    static String imagesIntoLinear(Shape input) {
        return "expected rows N×in or N×T×in, the input size being left out, but got " + input;
    }

    static String residualShapes(String other, Shape kept, Shape change) {
        return "the body makes " + change + " but the " + other + " it is added to is " + kept;
    }

    static String unjoinable(Shape first, int branch, Shape actual) {
        return "branches must agree in all extents but the channels, axis 1, but branch 0 makes " + first
                + " and branch " + branch + " makes " + actual;
    }

    static String badRange(String uniform) {
        return uniform + ": the range must be finite and not reversed";
    }

    static String noFan(Shape shape) {
        return "fan in and fan out are of weights out×in×… but the shape is " + shape;
    }

    static String didYouMean(Layer layer) {
        return "did you mean " + layer + "?";
    }

    static String addFlatten(String instead) {
        return "add flatten() before it" + (instead.isEmpty() ? "" : " and make it " + instead);
    }

    static String batchAxisHint(Shape input) {
        if (input.rank() != 3) {
            return "";
        }
        String image = "1×" + input;
        return input.dim(0) == 1
                ? "add an axis of channels after the batch, or a batch axis in front, as in " + image
                : "add a batch axis in front, as in " + image;
    }

    static String channelsAreLast() {
        return "the input looks like N×H×W×C; put the channels before height and width";
    }

    static String imageIsSmall(Shape input) {
        return "the image is only " + input.dim(2) + "×" + input.dim(3)
                + " here; leave this layer or one before it out";
    }

    static String addShortcut(String layer) {
        return "add .shortcut(" + layer + ")";
    }

    static String padTheBody() {
        return "pad the convolutions of the body so that they keep height and width";
    }

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

    static String probabilitiesForLogits(Object loss, CallSite callSite, String made, String itself) {
        return at(
                loss,
                callSite,
                "it expects logits but its input comes from " + made + "; leave that out, the loss applies a " + itself
                        + " itself");
    }

    static String badOption(String what, String argument, String expected, double actual) {
        return what + ": " + argument + " must be " + expected + " but is " + Text.number(actual);
    }

    static String nesterov() {
        return "sgd: nesterov(true) needs momentum above 0 and dampening 0";
    }

    static String outputsForAccuracy(Shape output) {
        return "accuracy: expected outputs N×C or N×C×… but got " + output;
    }

    static String oneClassForAccuracy(Shape output) {
        return "accuracy: outputs " + output
                + " have a single class, which would always be the largest; of logits of yes or"
                + " no take binaryAccuracy()";
    }

    static String labelForAccuracy(int label, int classes, int ignored) {
        return "accuracy: a label must be a class in [0, " + classes + ") or " + ignored + ", which is ignored, but is "
                + label;
    }

    static String targetsForBinaryAccuracy(Shape output, Tensor target) {
        return "binaryAccuracy: expected floating-point targets, 0 or 1, of the outputs' shape " + output + " but got "
                + (target.dtype() == DType.INT ? "integers " : "floating-point targets ") + target.shape();
    }

    static String bitForBinaryAccuracy(float target) {
        return "binaryAccuracy: a target must be 0 or 1 but is " + target;
    }

    static String labelsForAccuracy(Shape expected, Shape output, Tensor target) {
        boolean integers = target.dtype() == DType.INT;
        return "accuracy: expected integer labels " + expected + " for outputs " + output + " but got "
                + (integers ? "integers " : "floating-point targets ") + target.shape()
                + (integers ? "" : "; make labels with Tensor.labels(…)");
    }

    static String unclosed(String what, CallSite callSite) {
        return "the " + what + " made at " + callSite
                + " was dropped without being closed: its native memory was freed late."
                + " Close it, as in try (...) { }, or keep it";
    }

    static String stateMismatch(Set<String> expected, Set<String> given, List<Slot> missing, List<Slot> unexpected) {
        return "the state does not fit this training, which keeps " + expected + ", while the state has " + given
                + (missing.isEmpty() ? "" : "; missing: " + some(missing))
                + (unexpected.isEmpty() ? "" : "; unexpected: " + some(unexpected));
    }

    private static String some(List<Slot> slots) {
        String first = slots.stream().limit(4).map(Slot::toString).collect(Collectors.joining(", "));
        return slots.size() > 4 ? first + " and " + (slots.size() - 4) + " more" : first;
    }

    static String notState(Path file, String why) {
        return Legible.whole(file.toString()) + ": this is not the state of a training: " + why;
    }

    static String stateShape(Slot slot, Shape expected, Shape actual) {
        return "the state does not fit this training: " + slot + " has the shape " + actual + ", expected " + expected;
    }

    static String usedWhileBuilding() {
        return "a layer or a loss uses the model that it is a part of, while the model asks it what it computes:"
                + " it may neither predict nor train there";
    }

    static String returnedNull(Object what) {
        return what + " returned null, expected an expression";
    }

    static String batchSizes(int most, int... sizes) {
        return "batchSizes: expected at least one size, each from 1 to " + most + ", but got " + Arrays.toString(sizes);
    }

    static String trainingClosed() {
        return "the training is closed";
    }

    static String modelClosed() {
        return "the model is closed";
    }

    static String noFolder(Path folder) {
        return "the folder " + folder + " does not exist";
    }

    static String samples(Shape sample, Shape actual) {
        return "the model takes a batch of samples N×" + sample + " with N ≥ 1 but got " + actual
                + (actual.equals(sample) ? "; a single sample is a batch of one, 1×" + sample : "");
    }

    static String integerSamples(Shape actual) {
        return "the model takes floating-point samples but got integers " + actual;
    }

    static String objectiveNotScalar(Loss loss, Shape shape) {
        return Text.of(loss) + ": a training needs one number to make small but the loss has shape " + shape
                + "; use reduction(MEAN) or reduction(SUM), or mean() or sum() in a lambda";
    }

    static String objective(Loss loss, Shape output, Shape target, String message) {
        return Text.of(loss) + " of outputs " + output + " and targets " + target + ": " + message;
    }

    static String noneLeft(String purpose, List<String> names) {
        return "no parameter is left to " + purpose + "; there are " + names;
    }

    static String noneIn(String part, String purpose, List<String> names) {
        return "there is no parameter to " + purpose + " in '" + part + "'; there are " + names;
    }

    static String notTrained(String parameter, List<String> trained) {
        return "there is no trained parameter '" + parameter + "'; there are " + trained;
    }

    static String noGradient(String parameter) {
        return "'" + parameter + "' has no gradient: call forward and backward first";
    }

    static String noGradients() {
        return "there are no gradients to change the parameters by: call forward and backward first";
    }

    static String noBatch() {
        return "there is no output yet: call forward or step first";
    }

    static String nothingCounts(String message) {
        return message
                + "; every label of the batch is ignored or has weight 0: with whenAllIgnored(ZERO) a loss over classes"
                + " is 0 then, and changes nothing";
    }

    static String noForward() {
        return "there is nothing to go back through: call forward first";
    }

    static String epochs(int count) {
        return "trainer: epochs must be at least 1 but is " + count;
    }

    static String factor(int epoch, int epochs) {
        return "the schedule's factor(" + epoch + "), for epoch " + (epoch + 1) + "/" + epochs + ",";
    }

    static String zeroLearningRate(int epoch, int epochs) {
        return factor(epoch, epochs) + " makes the learning rate 0: nothing is learned in such epochs";
    }

    static String inputShape(String what, Shape expected, Shape actual) {
        return "expected " + what + " " + expected + " but got " + actual;
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
