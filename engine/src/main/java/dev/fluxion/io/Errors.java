package dev.fluxion.io;

import dev.fluxion.io.Header.Entry;
import dev.fluxion.ir.Legible;
import dev.fluxion.ir.Shape;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Every message of this package. */
final class Errors {
    private static final int MOST_NEAR = 3;

    private Errors() {}

    static String missing() {
        return "no such file";
    }

    static String notAFile() {
        return "expected a regular file";
    }

    static String unreadable(IOException reason) {
        return "cannot be read: "
                + (reason instanceof ClosedByInterruptException ? "the thread was interrupted" : reason);
    }

    static String noFolder(Path folder) {
        return "the folder " + folder + " does not exist";
    }

    static String notAFolder(Path folder) {
        return folder + " is not a folder";
    }

    static String fileExists() {
        return "there is a file already; remove it or choose another name";
    }

    /** The reason without the file that it names, which is not the one that was asked for. */
    static String unwritable(IOException reason) {
        if (reason instanceof ClosedByInterruptException) {
            return "cannot be written: the thread was interrupted; a file that was there is as it was";
        }
        String text = reason instanceof FileSystemException system ? system.getReason() : reason.getMessage();
        return "cannot be written: " + (text == null ? kind(reason) : text);
    }

    private static String kind(IOException reason) {
        return reason instanceof AccessDeniedException
                ? "you have no right to write there"
                : reason instanceof FileAlreadyExistsException
                        ? "a file stands where a folder is to be"
                        : reason.getClass().getSimpleName();
    }

    static String noLength(long bytes) {
        return "expected at least 8 bytes for the length of the header, found " + bytes;
    }

    static String badLength(String length, long most) {
        return "expected a header of 2 to " + most + " bytes, the file promises " + length;
    }

    static String headerCutShort(long promised, long found) {
        return "the file is cut short: expected a header of " + promised + " bytes, found " + found;
    }

    static String notUtf8() {
        return "the header is not valid UTF-8";
    }

    static String badHeader(long at, String problem) {
        return "the header is malformed at character " + at + ": " + problem;
    }

    static String badText(String name, long at, String problem) {
        return "damaged text '" + Legible.of(name) + "': at character " + at + ": " + problem;
    }

    static String tooDeep(int most) {
        return "lists and objects must not be deeper than " + most;
    }

    static String notJson(Object value) {
        return "no " + value.getClass().getSimpleName() + " can be written as JSON here";
    }

    static String expected(String what, String found) {
        return "expected " + what + ", found " + found;
    }

    static String notANumber(String found) {
        return expected("a whole number of 1 to 18 digits", found);
    }

    static String character(int c) {
        return "'" + Legible.of(Character.toString(c)) + "'";
    }

    static String duplicate(String key) {
        return "the name '" + name(key) + "' comes twice";
    }

    static String unknownField(String key) {
        return "expected dtype, shape and data_offsets, found '" + name(key) + "'";
    }

    static String missingField() {
        return "a tensor needs all of dtype, shape and data_offsets";
    }

    static String tooManyNumbers(int most) {
        return "expected at most " + most + " numbers in a list";
    }

    static String offsetCount(int count) {
        return "data_offsets must be two numbers, not " + count;
    }

    static String unknownType(String name, String type) {
        return "tensor '" + name(name) + "' has the element type " + Legible.of(type) + "; only "
                + Arrays.toString(Type.values()) + " can be read";
    }

    static String extentTooLarge(String name, long[] shape) {
        return "tensor '" + name(name) + "' of shape " + Arrays.toString(shape) + " has an extent of more than 2³¹−1";
    }

    static String tensorTooLarge(String name, long bytes) {
        return "tensor '" + name(name) + "' takes " + bytes + " bytes; a tensor of 2 GiB or more is not supported";
    }

    static String leftOut(Path file, List<String> problems) {
        return Legible.whole(file.toString()) + ": left out " + problems.size() + " of its tensors: " + problems.get(0);
    }

    static String noTensor(String name, Collection<String> names) {
        return "there is no tensor '" + name(name) + "'; there are " + Legible.list(names);
    }

    static String wrongSize(Entry e) {
        Description what = e.what();
        return "tensor '" + name(what.name()) + "' of shape " + Arrays.toString(what.shape()) + " and type "
                + Legible.of(what.type()) + " does not take the " + e.bytes() + " bytes that its data_offsets ["
                + e.begin()
                + ", " + e.end() + "] enclose";
    }

    static String notAdjacent(String name, long expected, long begin) {
        return "tensor '" + name(name) + "' begins at byte " + begin + " of the data, expected byte " + expected
                + ": tensors must follow each other without gap or overlap";
    }

    static String wrongDataSize(long expected, long found) {
        return "the header promises " + expected + " bytes of data, the file has " + found;
    }

    static String unfit(String name, Shape shape, int position, String value, String type) {
        return "tensor '" + name(name) + "' holds " + value + " at element " + index(position, shape) + ", which "
                + type + " cannot hold";
    }

    static String isNaN(String name, Shape shape, int position) {
        return "tensor '" + name(name) + "' is NaN at element " + index(position, shape)
                + "; readWithNaN reads it all the same";
    }

    static String damaged(String what) {
        return "the checksum of " + what + " is not the one that was written: the file is damaged, or another program "
                + "changed it and kept the metadata";
    }

    static String changedWhileRead() {
        return "the file became shorter while it was read";
    }

    static String reservedName(String name) {
        return "a tensor cannot be named " + name + ", the format reserves that";
    }

    static String notText(String text) {
        return "the name or text '" + name(text) + "' is not valid Unicode";
    }

    static String reservedText(String key) {
        return "a text cannot be named " + key + ", a checksum is";
    }

    static String endlessLink() {
        return "its symbolic links go on and on";
    }

    static String headerTooLong(long length, long most) {
        return "names and metadata make a header of " + length + " bytes, the format allows " + most;
    }

    static String torchFile() {
        return "expected a safetensors file, found a PyTorch file (a zip archive with a pickle in it); "
                + "PyTorchFile.read reads it";
    }

    static String pickle(String what) {
        return "expected a safetensors file, found " + what
                + "; in Python, safetensors.torch.save_file(torch.load(file), \"weights.safetensors\") converts it";
    }

    static String numpyFile(String what) {
        return "expected a safetensors file, found " + what
                + "; in Python, safetensors.numpy.save_file(dict(numpy.load(file)), \"weights.safetensors\") converts it";
    }

    static String kerasFile() {
        return "expected a safetensors file, found an HDF5 file, as Keras writes it; in Python, "
                + "safetensors.numpy.save_file({v.path: v.numpy() for v in model.weights}, \"weights.safetensors\") "
                + "converts it";
    }

    static String ggufFile() {
        return "expected a safetensors file, found a GGUF file, whose weights are made for llama.cpp; "
                + "use the safetensors file that it was made from";
    }

    static String gzipFile() {
        return "expected a safetensors file, found a gzip file; unpack it first, with gunzip or tar -xzf";
    }

    static String lfsPointer() {
        return "expected a safetensors file, found a pointer of Git LFS to it; git lfs pull fetches the file itself";
    }

    static String webPage() {
        return "expected a safetensors file, found a web page or XML; download the file itself";
    }

    static String jsonFile() {
        return "expected a safetensors file, found JSON, perhaps the index of a model in several files; "
                + "read the files that it names";
    }

    static String ofFile(Path file) {
        return Legible.whole(file.toString()) + " does not fit the model: ";
    }

    static String missingParameters(Collection<String> names) {
        return "missing parameters: " + Legible.list(names);
    }

    static String unexpectedParameters(Collection<String> names) {
        return "unexpected parameters: " + Legible.list(names);
    }

    static String shape(String name, Shape expected, String actual) {
        return "'" + name(name) + "': expected shape " + expected + " but got " + actual;
    }

    static String inexact(String name, int number) {
        return "'" + name(name) + "' is the integer " + number + ", which float32 does not hold";
    }

    static String type(String name, String actual) {
        return "'" + name(name) + "': expected FLOAT elements but got " + Legible.of(actual);
    }

    static String notFinite(String name, Shape shape, int position, float value) {
        return "'" + name(name) + "' must be finite, but element " + index(position, shape) + " is " + value
                + "; Loading.withNaN() takes it all the same";
    }

    static String nothingFits(Collection<String> names) {
        return "no parameter has a name of the tensors " + Legible.list(names);
    }

    static String renamedAlike(String first, String second, String name) {
        return "rename makes '" + name(name) + "' of both '" + name(first) + "' and '" + name(second) + "'";
    }

    static String inFront(String names, String others, String prefix) {
        return names + " names are those of " + others + " with '" + Legible.of(prefix) + "' in front";
    }

    static String near(Map<String, String> near) {
        return "did you mean "
                + near.entrySet().stream()
                        .limit(MOST_NEAR)
                        .map(e -> "'" + name(e.getValue()) + "' for '" + name(e.getKey()) + "'")
                        .collect(Collectors.joining(", "))
                + "?";
    }

    static String report(LoadReport report) {
        StringBuilder out = new StringBuilder("loaded " + report.loaded().size() + " parameters");
        if (!report.missing().isEmpty()) {
            out.append("; ").append(missingParameters(report.missing()));
        }
        if (!report.unexpected().isEmpty()) {
            out.append("; ").append(unexpectedParameters(report.unexpected()));
        }
        if (!report.cast().isEmpty()) {
            out.append("; cast to F32: ")
                    .append(Legible.list(report.cast().entrySet().stream()
                            .map(e -> e.getKey() + " of " + e.getValue())
                            .toList()));
        }
        return report.near().isEmpty()
                ? out.toString()
                : out.append("; ").append(near(report.near())).toString();
    }

    /** Names may come from a hostile file. */
    static String name(String name) {
        return Legible.of(name);
    }

    private static String index(int position, Shape shape) {
        int[] index = shape.strides();
        for (int i = 0; i < index.length; i++) {
            index[i] = position / index[i] % shape.dim(i);
        }
        return Arrays.toString(index);
    }
}
