package dev.fluxion.io;

import dev.fluxion.Tensor;
import dev.fluxion.io.Header.Entry;
import dev.fluxion.ir.Given;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32C;

/** A safetensors file that is being read: its header is checked, the data is read by tensor. */
final class TensorFile {
    private final Path file;
    private final FileChannel from;
    private final long headerEnd;
    private final Map<String, Entry> entries;
    private final Checksums checksums;

    private TensorFile(Path file, FileChannel from) throws IOException {
        this.file = file;
        this.from = from;
        this.headerEnd = headerEnd();
        HeaderText text = new HeaderText(file, from, Long.BYTES, headerEnd);
        Header header = Header.read(file, text, from.size() - headerEnd);
        this.entries = header.entries();
        this.checksums =
                header.hasChecksums() ? Checksums.of(file, from, headerEnd, entries.size()) : Checksums.none(file);
    }

    interface Reading<T> {
        T from(TensorFile file) throws IOException;
    }

    /** Reads something from the bytes of a file. */
    interface Opened<T> {
        T read(FileChannel from) throws IOException;
    }

    /** Opens a file, reads from it, and closes it. */
    static <T> T read(Path file, Reading<T> reading) throws TensorFileException {
        return open(file, channel -> reading.from(new TensorFile(file, channel)));
    }

    /** Opens a file of whatever kind, reads from it, and closes it. */
    static <T> T open(Path file, Opened<T> reading) throws TensorFileException {
        if (!Files.exists(Given.require("read", "the file", file))) {
            throw new TensorFileException(file, Errors.missing());
        }
        if (!Files.isRegularFile(file)) {
            throw new TensorFileException(file, Errors.notAFile());
        }
        try (FileChannel channel = FileChannel.open(file)) {
            return reading.read(channel);
        } catch (TensorFileException e) {
            throw e;
        } catch (IOException e) {
            throw new TensorFileException(file, Errors.unreadable(e), e);
        }
    }

    private long headerEnd() throws IOException {
        long size = from.size();
        ByteBuffer first = ByteBuffer.allocate((int) Math.min(size, ForeignFormat.BYTES));
        Channels.read(file, from, first.order(ByteOrder.LITTLE_ENDIAN), 0);
        long length = size < Long.BYTES ? -1 : first.getLong(0);
        boolean plausible = length >= Header.LEAST_BYTES && length <= Header.MOST_BYTES;
        if (!ForeignFormat.isSafeTensors(first.array())) {
            String foreign = ForeignFormat.of(first.array());
            if (!foreign.isEmpty()) {
                throw new TensorFileException(file, foreign);
            }
            if (PyTorchFile.isNamedSo(file)) {
                throw new TensorFileException(file, TorchErrors.noWeights(first.array()));
            }
        }
        if (size < Long.BYTES) {
            throw new TensorFileException(file, Errors.noLength(size));
        }
        if (!plausible) {
            throw new TensorFileException(file, Errors.badLength(Long.toUnsignedString(length), Header.MOST_BYTES));
        }
        if (length > size - Long.BYTES) {
            throw new TensorFileException(file, Errors.headerCutShort(length, size - Long.BYTES));
        }
        if (first.get(Long.BYTES) != '{') {
            String found = Errors.character(first.get(Long.BYTES) & 0xff);
            throw new TensorFileException(file, Errors.badHeader(0, Errors.expected("'{'", found)));
        }
        return Long.BYTES + length;
    }

    /** What the header says of the tensors, in the order of their data; who is done with one may remove it. */
    Map<String, Entry> entries() {
        return entries;
    }

    /** The texts of the metadata, without checksums. */
    Map<String, String> metadata() throws IOException {
        Map<String, String> metadata = new LinkedHashMap<>();
        HeaderText text = new HeaderText(file, from, Long.BYTES, headerEnd);
        Header.texts(file, text, Integer.MAX_VALUE, (key, json) -> {
            if (metadata.containsKey(key)) {
                throw json.error(Errors.duplicate(key));
            }
            metadata.put(key, json.string());
        });
        metadata.keySet().removeIf(Checksums::owns);
        return metadata;
    }

    /** Reads a tensor and checks it, but for NaN. */
    Tensor tensor(Entry entry) throws IOException {
        Elements elements = new Elements(file, entry.what());
        ByteBuffer buffer = elements.buffer(ByteOrder.LITTLE_ENDIAN);
        CRC32C sum = new CRC32C();
        for (long done = 0; done < entry.bytes(); done += buffer.limit()) {
            buffer.clear().limit((int) Math.min(entry.bytes() - done, buffer.capacity()));
            Channels.read(file, from, buffer, headerEnd + entry.begin() + done);
            sum.update(buffer.flip());
            elements.take(buffer);
        }
        checksums.require(entry, sum);
        return elements.tensor();
    }
}
