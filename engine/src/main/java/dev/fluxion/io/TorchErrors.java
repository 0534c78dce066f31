package dev.fluxion.io;

import dev.fluxion.ir.Legible;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;

/** Every message about PyTorch's files. */
final class TorchErrors {
    private TorchErrors() {}

    static String notZip() {
        return "expected a PyTorch file, a zip archive with a pickle in it";
    }

    static String noWeights(byte[] first) {
        int count = Math.min(first.length, Long.BYTES);
        String begin = HexFormat.ofDelimiter(" ").formatHex(first, 0, count);
        return notZip() + ", or a safetensors file, but this "
                + (count == 0 ? "is empty" : "begins with the bytes " + begin);
    }

    static String oldForm() {
        return "this is PyTorch's old form, a bare pickle as before version 1.6; in Python, "
                + "torch.save(torch.load(file), file) makes a new one of it";
    }

    static String zipCutShort() {
        return "the zip archive is cut short: it has no directory at its end";
    }

    static String badZip(String problem) {
        return "the zip archive is damaged: " + problem;
    }

    static String directoryTooLong(long bytes, long most) {
        return "the directory of the zip archive takes " + bytes + " bytes, more than " + most;
    }

    static String packed(String entry) {
        return "the entry '" + Legible.of(entry)
                + "' of the zip archive is compressed or encrypted, which PyTorch does "
                + "not do; in Python, torch.save(torch.load(file), file) writes it as it should be";
    }

    static String leadsOut(String entry) {
        return "the entry '" + Legible.of(entry) + "' of the zip archive has a name that leads out of it";
    }

    static String twice(String entry) {
        return "the entry '" + Legible.of(entry) + "' of the zip archive comes twice";
    }

    static String noEntry(String entry) {
        return "the zip archive has no entry '" + Legible.of(entry) + "', as a PyTorch file has it";
    }

    static String damaged(String entry) {
        return "the checksum of the entry '" + Legible.of(entry)
                + "' is not the one that was written: the file is damaged";
    }

    static String byteOrder(String order) {
        return "expected the byte order little or big, found '" + Legible.of(order) + "'";
    }

    static String pickleTooLong(long bytes, long most) {
        return "its pickle takes " + bytes + " bytes, more than " + most;
    }

    static String tooManyValues(long most) {
        return "its pickle has more than " + most + " values";
    }

    static String badPickle(long at, String problem) {
        return "the pickle is malformed at byte " + at + ": " + problem;
    }

    static String protocol(int protocol) {
        return "expected protocol 2 to 5, found " + protocol;
    }

    static String opcode(int code) {
        return String.format("the opcode 0x%02x is none that weights need", code);
    }

    static String cutShort() {
        return "it is cut short";
    }

    static String afterStop() {
        return "bytes follow its end";
    }

    static String notText() {
        return "a text is not valid UTF-8";
    }

    static String nothingToTake() {
        return "a value is missing";
    }

    static String noMark() {
        return "a mark is missing";
    }

    static String noMemo(long index) {
        return "nothing was kept as number " + index;
    }

    static String expected(String what) {
        return "expected " + what;
    }

    static String global(String name) {
        return "the file holds a Python object, " + Legible.of(name)
                + ", where only tensors, numbers, texts, lists and dictionaries are read; in Python, "
                + "torch.save(model.state_dict(), file) saves the weights alone";
    }

    static String storageSize(String key, String type, long elements, long bytes) {
        return "the storage '" + Legible.of(key) + "' promises " + elements + " elements of " + Legible.of(type)
                + ", but has " + bytes + " bytes";
    }

    static String outOfStorage(String name, long[] shape, long[] strides, long offset, long elements) {
        return "tensor '" + Legible.of(name) + "' of shape " + Arrays.toString(shape) + ", strides "
                + Arrays.toString(strides) + " and offset " + offset + " leaves its storage of " + elements
                + " elements";
    }

    static String tooMuch(long bytes, long most) {
        return "its tensors would take " + bytes + " bytes, as they overlap; at most " + most
                + " are read from such a file";
    }

    static String noDictionary() {
        return "the file holds no dictionary of tensors; in Python, torch.save(model.state_dict(), file) writes one";
    }

    static String severalDictionaries(Collection<String> keys) {
        return "the file holds several dictionaries of tensors, " + Legible.list(keys)
                + "; PyTorchFile.read(file, \"…\") reads one of them";
    }

    static String noKey(String key, Collection<String> keys) {
        return "there is no dictionary '" + Legible.of(key) + "'; there are " + Legible.list(keys);
    }
}
