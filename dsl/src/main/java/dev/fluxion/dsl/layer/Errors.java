package dev.fluxion.dsl.layer;

import dev.fluxion.Layer;
import dev.fluxion.Scope.Applied;
import dev.fluxion.Tensor;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import java.util.List;

/** Every message of this package. */
final class Errors {
    private static final int LONGEST_TRACE = 12;

    private Errors() {}

    static String badScaler(Tensor mean, Tensor deviation) {
        return "Scaler: expected a finite mean and a deviation above 0 for each feature but got " + mean + " and "
                + deviation;
    }

    static String notFeatures(Shape samples) {
        return "Scaler.fit: expected floating-point samples N×F or N×F×… but got " + samples;
    }

    static String otherFeatures(int features, Shape input) {
        return "expected " + features + " features along axis 1 (input " + input + ")";
    }

    /** Where a layer was made, and which it is. */
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
        int paths = Text.width(shown.stream().map(Applied::path).toList());
        int layers = Text.width(shown.stream().map(Applied::layer).toList());
        for (Applied a : shown) {
            out.append("\n  ").append(Text.padded(a.path(), paths)).append(paths == 0 ? "" : " ");
            out.append(Text.padded(a.layer(), layers))
                    .append("  ")
                    .append(a.input())
                    .append(" → ")
                    .append(a.output());
        }
        return hint.isEmpty() ? out.toString() : out.append("\n  ").append(hint).toString();
    }

    static String argument(Object what, CallSite callSite, String argument, String expected, Object actual) {
        return Text.place(what, callSite) + ": " + argument + " must be " + expected + " but is " + actual;
    }

    static String noText() {
        return "layer: the text must not be blank, as summaries and messages show it";
    }

    static String notImages(Shape actual) {
        return "expected images N×C×H×W but got " + actual;
    }

    static String sameName(String what, CallSite callSite, Layer before, Layer part, String name) {
        return Text.place(what, callSite) + ": " + placed(before) + " and " + placed(part) + " are both called '" + name
                + "'; give one of them another name with named(\"…\")";
    }

    static String placed(Layer layer) {
        return layer instanceof NamedLayer own ? Text.place(Text.of(layer), own.callSite()) : Text.of(layer);
    }

    static String channels(int expected, Shape input) {
        return "expected " + expected + " input channels but got " + input.dim(1) + " (input " + input + ")";
    }

    static String ungroupable(int groups, Shape input) {
        return "expected input channels in " + groups + " equal groups but got " + input.dim(1) + " (input " + input
                + ")";
    }

    static String noChannels(int more, Shape input) {
        return "expected inputs N×C" + "×L".repeat(more) + (more == 0 ? " or N×C×…" : " or N×C×H×W") + " but got "
                + input;
    }

    static String oneValuePerChannel(Shape input) {
        return "training needs more than one value of each channel but the batch " + input
                + " has one; make the batch larger, or leave a last batch of one sample out";
    }

    static String oneValuePerInstance(Shape input) {
        return "expected more than one value of each channel of a sample but got " + input;
    }

    static String features(int expected, Shape input) {
        return "expected " + expected + " input features along the last axis but got " + input.dim(-1) + " (input "
                + input + ")";
    }

    static String tiedWeight(String name, Shape expected, Shape actual) {
        return "expected the weight '" + name + "' to be out×in, " + expected + ", but it is " + actual;
    }

    static String noSamples(int count, Shape input) {
        return "expected samples along the first axis and " + count + " more but got " + input;
    }

    static String lastExtents(Shape expected, Shape input) {
        return "expected inputs whose last axes are " + expected + " but got " + input;
    }

    static String notSequences(int width, Shape input) {
        return "expected sequences N×T×" + width + " but got " + input;
    }

    static String notSequences(Shape input) {
        return "expected sequences N×T×E but got " + input;
    }

    static String tooLong(int rows, Shape input) {
        return "expected sequences of at most " + rows + " positions, as many as are learned, but got " + input.dim(1)
                + " (input " + input + ")";
    }

    static String notMemory(String name, Shape input, int width, Shape memory) {
        return "expected the memory '" + name + "' to be sequences " + input.dim(0) + "×S×" + width + " but it is "
                + memory + " (input " + input + ")";
    }

    static String notValues(String name, Shape expected, Shape actual) {
        return "expected the memory of values '" + name + "' to be " + expected
                + ", with as many positions as the keys, " + "but it is " + actual;
    }

    static String noMemory(Object options, Shape input) {
        return "keys and values of " + options + " are not made of the input, " + input + ": name them, memory(…)";
    }

    static String notPadding(String name, Shape expected, Shape actual) {
        return "expected the keyPaddingMask '" + name + "' to be samples×keys, " + expected + ", but it is " + actual;
    }

    static String notMask(String name, Shape logits, Shape actual) {
        Shape shared = Shape.of(logits.dim(2), logits.dim(3));
        return "expected the mask '" + name + "' to be queries×keys, " + shared + ", or " + logits.dim(0) + "×" + shared
                + ", or " + logits + " for each head, but it is " + actual;
    }

    static String maskTooLarge(String name) {
        return "'" + name + "', which is added to logits, must be below +∞";
    }

    static String hidesAll(String name, boolean isCausal) {
        return "'" + name + "' must leave each query a key that it sees" + (isCausal ? ", none behind it" : "")
                + " (counted by samples, then heads and queries where there are several)";
    }

    static String oddHeads(String what, CallSite callSite, int size) {
        return argument(what, callSite, "the extent of a head, width/heads,", "even to be rotated", size);
    }

    static String oddExtent(int axis, Shape input) {
        return "expected two halves along axis " + axis + " but its extent is " + input.dim(axis) + " (input " + input
                + ")";
    }

    static String otherValue(String name, Shape expected, Shape actual) {
        return "expected '" + name + "' to be " + expected + " but it is " + actual;
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

    static String unlikeBranches(String except, Shape first, int branch, Shape actual) {
        return "branches must agree in all extents" + except + ", but branch 0 makes " + first + " and branch " + branch
                + " makes " + actual;
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
        if (input.rank() == 5) {
            return "a model takes the shape of a sample, C, H, W, without a batch; volumes have layers such as conv3d";
        }
        if (input.rank() != 3) {
            return "";
        }
        String image = "1×" + input;
        return input.dim(0) == 1
                ? "add an axis of channels after the batch, or a batch axis in front, as in " + image
                : "add a batch axis in front, as in " + image;
    }

    static String channelsAreLast(int axes) {
        return axes == Spatial.IMAGES
                ? "the input looks like N×H×W×C; put the channels before height and width"
                : "the input looks like N×L×C; put the channels before the length";
    }

    static String notPlaces(Shape actual) {
        return "expected sequences N×C×L but got " + actual;
    }

    static String noBatchOfSequences(Shape input) {
        return "add a batch axis in front, as in 1×" + input;
    }

    static String outputPad(String outputPad, String stride, String dilation) {
        return outputPad + " must be smaller than the stride or the dilation, which are " + stride + " and " + dilation;
    }

    /** Counted from behind, axes of sequences and of the images or volumes that they are computed as have the same numbers. */
    private static String axis(int axis, Shape input) {
        return "axis " + (axis - input.rank());
    }

    static String madeExtent(Object extent, int axis, Shape input) {
        return "would make an extent of " + extent + " of the " + input.dim(axis) + " along " + axis(axis, input)
                + ", expected 1 to 2147483647";
    }

    static String onlyFor(Object what, CallSite callSite, String option, String layer) {
        return Text.place(what, callSite) + ": " + option + " is an option of " + layer;
    }

    static String farWindows(long more) {
        return "ceilMode(true) would add " + more + " elements along an axis for windows that reach beyond the input,"
                + " expected at most " + PoolWindows.MOST_ADDED;
    }

    static String emptyWindow(int axis, Shape input) {
        return "each window must see an element of the input, but one along " + axis(axis, input)
                + " sees nothing but padding";
    }

    static String windowTooLarge(Size kernel, Size dilation, Size pad, Shape input) {
        return "kernel " + kernel + (dilation.equals(Size.of(1)) ? "" : " with dilation " + dilation)
                + " does not fit into images of height " + input.dim(2) + " and width " + input.dim(3) + " padded by "
                + pad;
    }

    static String tooManyPlaces(int most, long places, int axis, Shape input) {
        return "would look at " + places + " places along " + axis(axis, input) + ", expected at most " + most;
    }

    static String notVolumes(Shape actual) {
        return "expected volumes N×C×D×H×W but got " + actual;
    }

    static String kernelTooLarge(Object kernel, Object dilation, String into, int extent, Object pad, Shape input) {
        return "kernel " + kernel + (dilation.toString().equals("1") ? "" : " with dilation " + dilation)
                + " does not fit into " + into + " " + extent + " padded by " + pad + " (input " + input + ")";
    }

    static String notColumns(long area, Shape actual) {
        return "expected columns N×(C·" + area + ")×L but got " + actual;
    }

    static String otherColumns(int rows, int columns, Shape actual) {
        return "expected a column for each of " + rows + "×" + columns + " windows but got " + actual;
    }

    static String indices(String name, Shape expected, Expr actual) {
        return "expected '" + name + "' to be " + expected + " integers, as indices(\"" + name
                + "\") of a maxPool makes them, but it is " + actual.shape()
                + (actual.dtype() == DType.INT ? "" : " numbers");
    }

    static String noPlaces(int axis, Shape input) {
        return "expected at least one element along " + axis(axis, input) + " but there is none";
    }

    static String padTooLarge(String mode, int most, int before, int after, int axis, Shape input) {
        return mode + "() adds at most " + most + " elements on a side but " + axis(axis, input) + " has "
                + input.dim(axis) + " and is to get " + before + " before and " + after + " behind";
    }

    static String paddedExtent(long extent, int axis, Shape input) {
        return madeExtent(extent, axis, input) + " and no more cut off than is there";
    }

    static String notShuffled(int factor, Shape input) {
        return "expected a number of channels that " + factor + "² divides but got " + input.dim(1) + " (input " + input
                + ")";
    }

    static String notUnshuffled(int factor, Shape input) {
        return "expected a height and a width that " + factor + " divides but got " + input.dim(2) + "×" + input.dim(3)
                + " (input " + input + ")";
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

    static String notIds(Shape input) {
        return "expected integers, the ids, but got floating-point numbers " + input
                + "; declare the input with Input.ints(…)";
    }

    static String notBags(Shape bags) {
        return "expected bags of ids N×L but got " + bags;
    }

    static String bagWeights(String name, Expr value, Shape ids) {
        return "expected '" + name + "' to have a floating-point weight for each id, " + ids + ", but got "
                + value.dtype() + " " + value.shape();
    }

    static String notATable(String what, Tensor vectors) {
        return what + ": the vectors must be floating-point numbers vocabulary×width but are " + vectors.dtype() + " "
                + vectors.shape();
    }

    static String noSteps(Shape input) {
        return "expected sequences N×T×in but got " + input;
    }

    static String lengths(String name, int sequences, Expr given) {
        return "expected '" + name + "' to be integers, the lengths of " + sequences + " sequences, but got "
                + given.dtype() + " " + given.shape();
    }

    static String states(String name, Shape expected, Expr given) {
        return "expected '" + name + "' to be states " + expected + " but got " + given.dtype() + " " + given.shape();
    }

    static String stateNames(Object what, CallSite callSite, String option, int expected, int given) {
        return Text.place(what, callSite) + ": " + option + " takes " + expected
                + (expected == 1 ? " name, that of h," : " names, those of h and c,") + " but got " + given;
    }

    static String onlyRnn(Object what, CallSite callSite) {
        return Text.place(what, callSite) + ": relu() is for an rnn";
    }

    static String notCausal() {
        return "in a session, positions do not see those that come later: make the attention causal()";
    }

    static String someGoOn(Object memory) {
        return "in a session, keys and values of " + memory + " go on if the input does, and both or neither of them";
    }

    static String maskInSession(String mask) {
        return "a session tells by positions what a query sees, so it takes no mask '" + mask
                + "'; keyPaddingMask hides keys";
    }

    static String backwardsInSession() {
        return "a session does not know later positions, where the way back begins: it takes no bidirectional()";
    }
}
