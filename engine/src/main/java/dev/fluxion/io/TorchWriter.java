package dev.fluxion.io;

import dev.fluxion.Tensor;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Legible;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes tensors as a PyTorch file: an entry for the pickle, and one for the elements of each tensor. */
final class TorchWriter {
    private static final String FOLDER = "archive/";
    private static final int ALIGNMENT = 64;
    private static final int LOCAL_BYTES = 30;
    private static final int FIELD_BYTES = 4;
    /** An extra field that nobody knows, as PyTorch fills gaps with. */
    private static final int PADDING = 0x4246;
    /** Files of the same tensors are the same; PyTorch's have no date. */
    private static final LocalDateTime NEVER = LocalDateTime.of(1980, 2, 1, 0, 0);

    private final List<Tensor> tensors;
    private final byte[] pickle;
    private final ElementBytes elements = new ElementBytes();
    private long at;

    private interface Part {
        void give(ElementBytes.Sink to) throws IOException;
    }

    TorchWriter(Map<String, Tensor> tensors) {
        PickleWriter writer = new PickleWriter();
        tensors.forEach((name, tensor) -> {
            Given.require("write", "the name of a tensor", name);
            Given.require("write", "the tensor '" + Legible.of(name) + "'", tensor);
            if (4L * tensor.size() > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(Errors.tensorTooLarge(name, 4L * tensor.size()));
            }
            writer.tensor(name, tensor.dtype() == DType.FLOAT ? "FloatStorage" : "IntStorage", tensor.shape());
        });
        this.tensors = new ArrayList<>(tensors.values());
        this.pickle = writer.bytes();
    }

    void write(FileChannel to) throws IOException {
        ZipOutputStream zip = new ZipOutputStream(new BufferedOutputStream(Channels.newOutputStream(to)));
        entry(zip, "data.pkl", bytes(pickle));
        entry(zip, "byteorder", bytes("little".getBytes(StandardCharsets.UTF_8)));
        for (int i = 0; i < tensors.size(); i++) {
            Tensor tensor = tensors.get(i);
            entry(zip, "data/" + i, sink -> elements.give(tensor, sink));
        }
        entry(zip, "version", bytes("3\n".getBytes(StandardCharsets.UTF_8)));
        zip.finish();
        zip.flush();
    }

    private static Part bytes(byte[] all) {
        return sink -> sink.take(ByteBuffer.wrap(all));
    }

    /** Writes an entry whose bytes begin at a multiple of 64, so that they can be mapped into memory. */
    private void entry(ZipOutputStream zip, String name, Part part) throws IOException {
        long[] size = {0};
        CRC32 sum = new CRC32();
        part.give(bytes -> {
            size[0] += bytes.limit();
            sum.update(bytes);
        });
        ZipEntry entry = new ZipEntry(FOLDER + name);
        entry.setMethod(ZipEntry.STORED);
        entry.setTimeLocal(NEVER);
        entry.setSize(size[0]);
        entry.setCompressedSize(size[0]);
        entry.setCrc(sum.getValue());
        long begin = at + LOCAL_BYTES + entry.getName().length() + FIELD_BYTES;
        int padding = (int) (-begin & (ALIGNMENT - 1));
        byte[] field = new byte[FIELD_BYTES + padding];
        field[0] = (byte) PADDING;
        field[1] = PADDING >> 8;
        field[2] = (byte) padding;
        entry.setExtra(field);
        zip.putNextEntry(entry);
        WritableByteChannel out = Channels.newChannel(zip);
        part.give(bytes -> out.write(bytes));
        zip.closeEntry();
        at = begin + padding + size[0];
    }
}
