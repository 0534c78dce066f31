package dev.fluxion.io;

import dev.fluxion.Tensor;
import dev.fluxion.io.Header.Entry;
import dev.fluxion.ir.Given;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Named tensors in a file of the safetensors format (huggingface.co/docs/safetensors): the length of the header in 8 bytes,
 * a header in JSON, then the elements of the tensors one after the other, all little-endian. PyTorch and others read and
 * write the same files.
 *
 * <p>Float32 tensors are written as F32, int32 ones as I32. F16, BF16 and F64 are read as float32; BOOL and integers of 8
 * to 64 bits, with and without sign, as int32. A number that does not fit is refused: an integer beyond 32 bits, an F64
 * that would become infinite or zero. A tensor may take less than 2 GiB, a file as much as the disk has.
 *
 * <p>What is written has checksums in its metadata, under names that begin with {@code fluxion.}. They are checked where
 * there are any: one changed bit anywhere in the file is found. Other libraries take them for text.
 */
public final class SafeTensors {
    private static final Logger LOG = LoggerFactory.getLogger(SafeTensors.class);

    private SafeTensors() {}

    /**
     * Writes tensors in the order of the map. The file appears under its name when it is complete and on the disk; until
     * then, or if that fails, a file that had the name before stays as it is. A file that is replaced keeps its rights, a
     * symbolic link goes on pointing to it. The same tensors in the same order give the same bytes.
     *
     * @throws TensorFileException if the file cannot be written, as where its folder does not exist or is a file, or the
     *     thread is interrupted, as it stays then
     * @throws IllegalArgumentException if a name is not valid Unicode or is {@code __metadata__}, or a tensor too large
     */
    public static void write(Path file, Map<String, Tensor> tensors) throws TensorFileException {
        write(file, tensors, Map.of());
    }

    /**
     * Writes tensors in the order of the map and texts in the order of their names, as {@link #write(Path, Map)} does.
     *
     * @param metadata anything worth keeping with the tensors
     * @throws TensorFileException if the file cannot be written, as where its folder does not exist or is a file, or the
     *     thread is interrupted, as it stays then
     * @throws IllegalArgumentException if a name or text is not valid Unicode, a tensor is named {@code __metadata__}, a
     *     text has the name of a checksum, or a tensor is too large
     */
    public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata)
            throws TensorFileException {
        Given.require("write", "the file", file);
        Given.require("write", "the map of tensors", tensors);
        Given.require("write", "the metadata", metadata);
        byte[] header = HeaderWriter.format(tensors, metadata);
        Replacement.replace(file, to -> write(to, header, tensors.values()));
    }

    /**
     * Removes from a folder the parts of files that processes have left there which were killed while they wrote them. Parts
     * that somebody writes stay.
     */
    public static void removeForsaken(Path folder) {
        Replacement.removeForsaken(Given.require("removeForsaken", "the folder", folder));
    }

    /** Writes the data, whose checksums belong into the header, and then the header. */
    private static void write(FileChannel to, byte[] header, Collection<Tensor> tensors) throws IOException {
        byte[] first = littleEndian(Long.BYTES + header.length)
                .putLong(header.length)
                .put(header)
                .array();
        ElementBytes bytes = new ElementBytes();
        CRC32C[] sums = new CRC32C[tensors.size()];
        long[] at = {first.length};
        int number = 0;
        for (Tensor tensor : tensors) {
            CRC32C sum = new CRC32C();
            bytes.give(tensor, part -> {
                sum.update(part);
                Channels.write(to, part.rewind(), at[0]);
                at[0] += part.limit();
            });
            sums[number] = sum;
            number++;
        }
        Checksums.fill(first, sums);
        Channels.write(to, ByteBuffer.wrap(first), 0);
    }

    private static ByteBuffer littleEndian(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * The tensors of a file; the map walks over them in the order of their data and can be changed. Tensors of types that
     * cannot be read, as F8_E4M3, and of 2 GiB or more are left out, which the log tells.
     *
     * @throws TensorFileException if the file is missing, is not in every byte what the format demands, is damaged, or a
     *     tensor holds NaN or a number that does not fit; the message names the tensor and the element
     */
    public static Map<String, Tensor> read(Path file) throws TensorFileException {
        return read(file, false);
    }

    /**
     * The tensors of a file as {@link #read(Path)} gives them, with NaN.
     *
     * @throws TensorFileException under the same conditions, but for NaN
     */
    public static Map<String, Tensor> readWithNaN(Path file) throws TensorFileException {
        return read(file, true);
    }

    /**
     * What a file has.
     *
     * @param tensors the tensors in the order of their data
     * @param metadata the texts, without checksums
     */
    public record Contents(Map<String, Tensor> tensors, Map<String, String> metadata) {
        /** Checks that nothing is null. */
        public Contents {
            Given.require("Contents", "the tensors", tensors);
            Given.require("Contents", "the metadata", metadata);
        }
    }

    /**
     * Tensors and texts of one and the same file, also where another one takes its name meanwhile.
     *
     * @throws TensorFileException under the same conditions as {@link #read(Path)}
     */
    public static Contents contents(Path file) throws TensorFileException {
        return TensorFile.read(file, from -> {
            Map<String, String> metadata = from.metadata();
            return new Contents(tensors(file, from, false), metadata);
        });
    }

    private static Map<String, Tensor> read(Path file, boolean withNaN) throws TensorFileException {
        return TensorFile.read(file, from -> tensors(file, from, withNaN));
    }

    private static Map<String, Tensor> tensors(Path file, TensorFile from, boolean withNaN) throws IOException {
        List<String> problems = from.entries().values().stream()
                .flatMap(entry -> entry.what().problem().stream())
                .toList();
        if (!problems.isEmpty()) {
            LOG.warn(Errors.leftOut(file, problems));
        }
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (Iterator<Entry> left = from.entries().values().iterator(); left.hasNext(); left.remove()) {
            Entry entry = left.next();
            if (entry.what().problem().isEmpty()) {
                tensors.put(entry.what().name(), tensor(file, from, entry, withNaN));
            }
        }
        return tensors;
    }

    /**
     * Some tensors of a file, in the order of their names here; the others may be anything.
     *
     * @throws TensorFileException under the same conditions as {@link #read(Path)}, and if there is no tensor of a name or
     *     its type cannot be read
     */
    public static Map<String, Tensor> read(Path file, List<String> names) throws TensorFileException {
        Given.require("read", "the list of names", names);
        return TensorFile.read(file, from -> {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            for (String name : names) {
                Entry entry = from.entries().get(Given.require("read", "a name", name));
                if (entry == null) {
                    throw new TensorFileException(
                            file, Errors.noTensor(name, from.entries().keySet()));
                }
                tensors.put(name, tensor(file, from, entry, false));
            }
            return tensors;
        });
    }

    private static Tensor tensor(Path file, TensorFile from, Entry entry, boolean withNaN) throws IOException {
        Tensor tensor = from.tensor(entry);
        int nan = withNaN ? -1 : Finite.firstNaN(tensor);
        if (nan >= 0) {
            throw new TensorFileException(file, Errors.isNaN(entry.what().name(), tensor.shape(), nan));
        }
        return tensor;
    }

    /**
     * The texts that were written with the tensors of a file, without its checksums; empty if there are none.
     *
     * @throws TensorFileException under the same conditions as {@link #read(Path)}, but for the elements themselves
     */
    public static Map<String, String> metadata(Path file) throws TensorFileException {
        return TensorFile.read(file, TensorFile::metadata);
    }
}
