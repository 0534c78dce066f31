package dev.fluxion.io;

import dev.fluxion.Tensor;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.text.ParseException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/**
 * Named tensors in a file of the safetensors format (huggingface.co/docs/safetensors): the length of the header in 8 bytes,
 * a header in JSON, then the elements of the tensors one after the other, all little-endian. PyTorch and others read and
 * write the same files.
 *
 * <p>Float32 tensors are written as F32, int32 ones as I32. I64 is read too, as int32, if its numbers fit. A tensor may
 * take less than 2 GiB, a file as much as the disk has.
 */
public final class SafeTensors {
    private static final int CHUNK = 1 << 20;
    private static final String FILE = "the file";

    private SafeTensors() {}

    /**
     * Writes tensors in the order of the map. The file appears under its name when it is complete; until then, or if
     * that fails, a file that had the name before stays as it is. The same tensors in the same order give the same bytes.
     *
     * @throws TensorFileException if the file cannot be written, as where its folder does not exist or is a file
     * @throws IllegalArgumentException if a name is not valid Unicode or is {@code __metadata__}, or a tensor too large
     */
    public static void write(Path file, Map<String, Tensor> tensors) throws TensorFileException {
        write(file, tensors, Map.of());
    }

    /**
     * Writes tensors in the order of the map and texts in the order of their names, as {@link #write(Path, Map)} does.
     *
     * @param metadata anything worth keeping with the tensors
     * @throws TensorFileException if the file cannot be written, as where its folder does not exist or is a file
     * @throws IllegalArgumentException if a name or text is not valid Unicode, a tensor is named {@code __metadata__}, or
     *     one is too large
     */
    public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata)
            throws TensorFileException {
        Given.require("write", FILE, file);
        Given.require("write", "the map of tensors", tensors);
        Given.require("write", "the metadata", metadata);
        byte[] header = Header.format(tensors, metadata);
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null && Files.notExists(folder)) {
            throw new TensorFileException(file, Errors.noFolder(folder));
        }
        if (folder != null && Files.exists(folder) && !Files.isDirectory(folder)) {
            throw new TensorFileException(file, Errors.notAFolder(folder));
        }
        if (Files.isDirectory(file)) {
            throw new TensorFileException(file, Errors.notAFile());
        }
        try {
            write(file, header, tensors.values());
        } catch (IOException e) {
            throw new TensorFileException(file, Errors.unwritable(e), e);
        }
    }

    private static void write(Path file, byte[] header, Collection<Tensor> tensors) throws IOException {
        Path partial = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + ".part");
        try {
            try (FileChannel to = FileChannel.open(partial, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                ByteBuffer buffer = littleEndian(CHUNK);
                buffer.putLong(header.length).flip();
                writeFully(to, buffer);
                writeFully(to, ByteBuffer.wrap(header));
                for (Tensor tensor : tensors) {
                    writeElements(to, tensor, buffer);
                }
                to.force(true);
            }
            Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(partial);
        }
    }

    /**
     * The tensors of a file; the map walks over them in the order of their data and can be changed.
     *
     * @throws TensorFileException if the file is missing, holds element types other than F32, I32 and I64, or is not in
     *     every byte what the format demands
     */
    public static Map<String, Tensor> read(Path file) throws TensorFileException {
        return reading(file, from -> {
            Header header = header(file, from);
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            ByteBuffer buffer = littleEndian(CHUNK);
            for (Header.Entry entry : header.entries()) {
                tensors.put(entry.name(), readElements(file, from, entry, buffer));
            }
            return tensors;
        });
    }

    /**
     * The texts that were written with the tensors of a file; empty if there are none.
     *
     * @throws TensorFileException under the same conditions as {@link #read}, but for the elements themselves
     */
    public static Map<String, String> metadata(Path file) throws TensorFileException {
        return reading(file, from -> header(file, from).metadata());
    }

    private interface Reading<T> {
        T from(FileChannel channel) throws IOException;
    }

    private static <T> T reading(Path file, Reading<T> reading) throws TensorFileException {
        if (!Files.exists(Given.require("read", FILE, file))) {
            throw new TensorFileException(file, Errors.missing());
        }
        if (!Files.isRegularFile(file)) {
            throw new TensorFileException(file, Errors.notAFile());
        }
        try (FileChannel channel = FileChannel.open(file)) {
            return reading.from(channel);
        } catch (TensorFileException e) {
            throw e;
        } catch (IOException e) {
            throw new TensorFileException(file, Errors.unreadable(e), e);
        }
    }

    private static Header header(Path file, FileChannel from) throws IOException {
        long size = from.size();
        if (size < Long.BYTES) {
            throw new TensorFileException(file, Errors.noLength(size));
        }
        ByteBuffer first = littleEndian(Long.BYTES);
        readFully(file, from, first);
        long length = first.getLong(0);
        if (length < 2 || length > Header.MOST_BYTES) {
            throw new TensorFileException(file, Errors.badLength(Long.toUnsignedString(length), Header.MOST_BYTES));
        }
        if (length > size - Long.BYTES) {
            throw new TensorFileException(file, Errors.headerCutShort(length, size - Long.BYTES));
        }
        byte[] text = new byte[(int) length];
        readFully(file, from, ByteBuffer.wrap(text));
        try {
            Header header = Header.parse(Utf8.decode(text));
            header.check(file, size - Long.BYTES - length);
            return header;
        } catch (CharacterCodingException e) {
            throw new TensorFileException(file, Errors.notUtf8(), e);
        } catch (ParseException e) {
            throw new TensorFileException(file, Errors.badHeader(e), e);
        }
    }

    private static Tensor readElements(Path file, FileChannel from, Header.Entry entry, ByteBuffer buffer)
            throws IOException {
        Shape shape = Shape.of(entry.dims());
        float[] floats = new float[entry.type().equals("F32") ? shape.size() : 0];
        int[] ints = new int[entry.type().equals("F32") ? 0 : shape.size()];
        int at = 0;
        for (long left = entry.bytes(); left > 0; left -= buffer.limit()) {
            buffer.clear().limit((int) Math.min(left, CHUNK));
            readFully(file, from, buffer);
            buffer.flip();
            switch (entry.type()) {
                case "F32" -> buffer.asFloatBuffer().get(floats, at, buffer.limit() / Float.BYTES);
                case "I32" -> buffer.asIntBuffer().get(ints, at, buffer.limit() / Integer.BYTES);
                default -> narrow(file, entry.name(), buffer, ints, at);
            }
            at += buffer.limit() / (entry.type().equals("I64") ? Long.BYTES : Integer.BYTES);
        }
        return entry.type().equals("F32") ? Tensor.of(floats, shape) : Tensor.of(ints, shape);
    }

    private static void narrow(Path file, String name, ByteBuffer from, int[] to, int at) throws TensorFileException {
        for (int i = 0; i < from.limit() / Long.BYTES; i++) {
            long value = from.getLong(i * Long.BYTES);
            if (value != (int) value) {
                throw new TensorFileException(file, Errors.outsideInt(name, value));
            }
            to[at + i] = (int) value;
        }
    }

    private static void writeElements(FileChannel to, Tensor tensor, ByteBuffer buffer) throws IOException {
        int most = CHUNK / 4;
        for (int at = 0; at < tensor.size(); at += most) {
            int count = Math.min(most, tensor.size() - at);
            buffer.clear().limit(4 * count);
            if (tensor.dtype() == DType.FLOAT) {
                buffer.asFloatBuffer().put(tensor.floats(), at, count);
            } else {
                buffer.asIntBuffer().put(tensor.ints(), at, count);
            }
            writeFully(to, buffer);
        }
    }

    private static ByteBuffer littleEndian(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void readFully(Path file, FileChannel from, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (from.read(buffer) < 0) {
                throw new TensorFileException(file, Errors.changedWhileRead());
            }
        }
    }

    private static void writeFully(FileChannel to, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            to.write(buffer);
        }
    }
}
