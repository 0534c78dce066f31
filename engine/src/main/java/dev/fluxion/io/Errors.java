package dev.fluxion.io;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.Arrays;

/** Every message of this package. */
final class Errors {
    private Errors() {}

    static String missing() {
        return "no such file";
    }

    static String notAFile() {
        return "expected a regular file";
    }

    static String unreadable(IOException reason) {
        return "cannot be read: " + reason;
    }

    static String noFolder(Path folder) {
        return "the folder " + folder + " does not exist";
    }

    static String notAFolder(Path folder) {
        return folder + " is not a folder";
    }

    /** The reason without the file that it names, which is not the one that was asked for. */
    static String unwritable(IOException reason) {
        String text = reason instanceof FileSystemException system ? system.getReason() : reason.getMessage();
        return "cannot be written: " + (text == null ? reason.getClass().getSimpleName() : text);
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

    static String badHeader(ParseException problem) {
        return "the header is malformed at character " + problem.getErrorOffset() + ": " + problem.getMessage();
    }

    static String expected(String what, String found) {
        return "expected " + what + ", found " + found;
    }

    static String duplicate(String key) {
        return "the name '" + brief(key) + "' comes twice";
    }

    static String unknownField(String key) {
        return "expected dtype, shape and data_offsets, found '" + brief(key) + "'";
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
        return "tensor '" + brief(name) + "' has the element type " + brief(type)
                + "; only F32, I32 and I64 can be read";
    }

    static String shapeTooLarge(String name, long[] shape) {
        return "tensor '" + brief(name) + "' of shape " + Arrays.toString(shape) + " has more than 2³¹−1 elements";
    }

    static String tensorTooLarge(String name, long bytes) {
        return "tensor '" + brief(name) + "' takes " + bytes + " bytes; a tensor of 2 GiB or more is not supported";
    }

    static String wrongSize(String name, long[] shape, String type, long expected, long begin, long end) {
        return "tensor '" + brief(name) + "' of shape " + Arrays.toString(shape) + " and type " + type + " takes "
                + expected + " bytes, but its data_offsets [" + begin + ", " + end + "] enclose " + (end - begin);
    }

    static String notAdjacent(String name, long expected, long begin) {
        return "tensor '" + brief(name) + "' begins at byte " + begin + " of the data, expected byte " + expected
                + ": tensors must follow each other without gap or overlap";
    }

    static String wrongDataSize(long expected, long found) {
        return "the header promises " + expected + " bytes of data, the file has " + found;
    }

    static String outsideInt(String name, long value) {
        return "tensor '" + brief(name) + "' holds " + value + ", which does not fit into 32 bits";
    }

    static String changedWhileRead() {
        return "the file became shorter while it was read";
    }

    static String reservedName(String name) {
        return "a tensor cannot be named " + name + ", the format reserves that";
    }

    static String notText(String text) {
        return "the name or text '" + brief(text) + "' is not valid Unicode";
    }

    static String headerTooLong(long length, long most) {
        return "names and metadata make a header of " + length + " bytes, the format allows " + most;
    }

    /** Names may come from a hostile file. */
    private static String brief(String text) {
        return text.length() > 80 ? text.substring(0, 80) + "…" : text;
    }
}
