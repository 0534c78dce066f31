package dev.fluxion.data;

import dev.fluxion.Tensor;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** Every message of this package. */
final class Errors {
    private Errors() {}

    static String batchDisagrees(String first, Shape samples, String kind, String name, Shape shape) {
        return first.isEmpty() && name.isEmpty()
                ? "a batch needs as many targets as samples along the first axis, but inputs are " + samples
                        + " and targets " + shape
                : "a batch needs as many samples of each input and target along the first axis, but input"
                        + quoted(first) + " is " + samples + " and " + kind + quoted(name) + " is " + shape;
    }

    private static String quoted(String name) {
        return name.isEmpty() ? "" : " '" + name + "'";
    }

    static String noInputs() {
        return "a batch needs at least one input";
    }

    static String emptyBatch() {
        return "a batch needs at least one sample";
    }

    static String batchTooSmall(int batch) {
        return "a loader's batch must hold at least 1 sample, not " + batch;
    }

    static String emptyDataset() {
        return "a loader needs a data set with at least one sample";
    }

    static String lessThanOneBatch(int size, int batch) {
        return "with dropLast(true) an epoch would have no batch: the data set holds " + size
                + " samples, a batch takes " + batch + "; choose a smaller batch or keep the last one";
    }

    static String negativeEpoch(int epoch) {
        return "epochs are counted from 0, not " + epoch;
    }

    static String mapChangedCount(int before, int after) {
        return "a function given to map must keep the number of samples, but made " + after + " of " + before;
    }

    static String otherCount(int asked, int given) {
        return "a data set was asked for " + asked + " samples, but gave " + given;
    }

    static String notAnImage(Shape image) {
        return "an image has the shape channels×height×width with extents of at least 1, not " + image;
    }

    static String wrongPixelCount(Shape image, int labels, int bytes) {
        return labels + " images of " + image + " take " + (long) labels * image.size() + " bytes of pixels, not "
                + bytes;
    }

    static String labelOutOfRange(int index, int label, int classes) {
        return "label " + label + " of image " + index + " is outside [0, " + classes + ")";
    }

    static String channelsDisagree(int means, int stds) {
        return "normalize needs one mean and one standard deviation per channel, not " + means + " and " + stds;
    }

    static String badDeviation(float std) {
        return "a standard deviation must be positive and finite, not " + std;
    }

    static String cannotNormalize(Shape inputs, int channels) {
        return "normalize of " + channels + " channels needs inputs whose second axis has as many, not " + inputs;
    }

    static String text(Object part) {
        Class<?> type = part.getClass();
        return type.isHidden() || type.isSynthetic() ? "the augmentation" : part.toString();
    }

    static String sampleFailed(String sample, RuntimeException reason) {
        String message = reason.getMessage();
        return "sample " + sample + ": " + (message == null ? reason.toString() : message);
    }

    static String interrupted() {
        return "the thread was interrupted while it waited for a batch";
    }

    static String augmentedCount(Object how, int before, int after) {
        return text(how) + " must keep the number of samples, but made " + after + " of " + before;
    }

    static String otherOrder(int expected, int given) {
        return "an order should have " + expected + " samples, as its count says, but has " + given;
    }

    static String noSample(int number, int samples) {
        return "an order has sample " + number + ", outside of [0, " + samples + ")";
    }

    static String noBatch(int from, int batches) {
        return "an epoch of " + batches + " batches has none from " + from + " on";
    }

    static String otherNumber(String what, int given, int samples) {
        return "there are " + given + " " + what + " for " + samples + " samples";
    }

    static String badWeight(int sample, double weight) {
        return "weighted: a weight must be finite and not negative, but that of sample " + sample + " is " + weight;
    }

    static String noWeight(double sum) {
        return "weighted: the weights must have a sum above 0 that is finite, not " + sum;
    }

    static String badPart(double part) {
        return "the part to learn from must be between 0 and 1, not " + part;
    }

    static String tooFewToSplit(int samples, int least) {
        return "at least " + least + " samples are needed to be divided so, not " + samples;
    }

    static String singleSamples() {
        return "stratified: each class has a single sample, so that there is none to test with";
    }

    static String negativeSize(int size) {
        return "a data set has at least 0 samples, not " + size;
    }

    static String sequenceTargets(int sequences, Shape targets) {
        return "there must be sequences, and a target for each: " + sequences + " sequences, targets " + targets;
    }

    static String emptySequence(int index) {
        return "sequence " + index + " has no ids";
    }

    static String otherNames(String call, String kind, Set<String> first, Set<String> other) {
        return call + ": all samples need the same " + kind + "s, but one has " + first + " and another one " + other;
    }

    static String otherSample(String call, String kind, String name, Tensor first, Tensor other) {
        return call + ": all samples need the same shape and type, but " + kind + quoted(name) + " is " + kind(first)
                + " in one and " + kind(other) + " in another one";
    }

    private static String kind(Tensor tensor) {
        return (tensor.dtype() == DType.INT ? "integers " : "floats ") + tensor.shape();
    }

    static String notImages(String call, Tensor inputs) {
        return call + ": expected floats batch×channels×height×width, but got " + kind(inputs);
    }

    static String cropTooLarge(Object crop, Images images) {
        return crop + ": the images are smaller, " + images.height() + "×" + images.width()
                + "; resize them before, or pad";
    }

    static String noColours(Images images) {
        return "colorJitter: expected images of 3 channels, or of 1 for brightness and contrast alone, but got "
                + images.channels();
    }

    static String noLabels(String call, Tensor targets) {
        return call + ": expected an integer label for each sample, but targets are " + kind(targets);
    }

    static String otherClass(String call, int label, int classes) {
        return call + ": label " + label + " is outside [0, " + classes + ")";
    }

    static void requireAtLeast(String call, String argument, int least, int x) {
        if (x < least) {
            throw new IllegalArgumentException(call + ": " + argument + " must be at least " + least + " but is " + x);
        }
    }

    static void requireIn(String call, String argument, double least, double most, double x) {
        if (!(x >= least && x <= most)) {
            throw new IllegalArgumentException(
                    call + ": " + argument + " must be in [" + least + ", " + most + "] but is " + x);
        }
    }

    static void requireProbability(String call, String argument, double x) {
        requireIn(call, argument, 0, 1, x);
    }

    static String negativeCount(int count) {
        return "the number of digits must be at least 0, not " + count;
    }

    static String tooManyDigits(int count, int most) {
        return "at most " + most + " digits fit into one data set, not " + count;
    }

    static String missing() {
        return "no such file";
    }

    static String notAFile() {
        return "expected a regular file";
    }

    static String unreadable(IOException reason) {
        return "cannot be read: " + reason;
    }

    static String noFolder() {
        return "no such folder";
    }

    static String notAFolder() {
        return "expected a folder";
    }

    static String lacks(List<String> missing, String looked) {
        return "the folder lacks " + String.join(", ", missing) + ", looked for " + looked;
    }

    static String wrongMagic(int expected, int found, String meaning) {
        return String.format("expected the IDX magic number 0x%08x (%s), found 0x%08x", expected, meaning, found);
    }

    static String badExtents(List<Long> extents) {
        return "the IDX header promises the extents " + extents + "; each must be in [1, 2³¹)";
    }

    static String tooLarge(List<Long> extents, long most) {
        return "the IDX header promises the extents " + extents + ", more than the " + most
                + " bytes that a reader accepts";
    }

    static String truncated(long expected, long found) {
        return "the file is cut short: expected " + expected + " bytes, found " + found;
    }

    static String cutShort(int expected) {
        return "the file is cut short: it ends inside its header of " + expected + " bytes";
    }

    static String trailing(long expected) {
        return "the file goes on after the " + expected + " bytes that its header promises";
    }

    static String brokenGzip(IOException reason) {
        return "the gzip stream is corrupt or cut short: " + reason;
    }

    static String notGzip() {
        return "what follows is not a gzip stream";
    }

    static String unknownGzip(int method, int flags) {
        return String.format("expected deflate, method 8, and flags below 0x20, found %d and 0x%02x", method, flags);
    }

    static String gzipCheck(String what) {
        return "the " + what + " is not what its check says";
    }

    static String gzipEnds() {
        return "it ends too early";
    }

    static String noMemory(long bytes) {
        return "the file holds " + bytes + " bytes, more than the memory that is left; give the JVM more with -Xmx";
    }

    static String countsDisagree(int images, Path labelFile, int labels) {
        return "holds " + images + " images, but " + labelFile + " holds " + labels + " labels";
    }

    static String noPickle(String why) {
        return "this is no file of CIFAR's version for Python: " + why;
    }

    static String notWholeRecords(long bytes, int record) {
        return "expected one or more records of " + record + " bytes, found " + bytes + " bytes";
    }

    static String tooManyRecords(long bytes) {
        return "the files read together hold " + bytes + " bytes, more than one data set can";
    }

    static String changedWhileRead(long expected) {
        return "the file had " + expected + " bytes and changed while it was read";
    }
}
