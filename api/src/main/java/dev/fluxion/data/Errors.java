package dev.fluxion.data;

import dev.fluxion.ir.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

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
