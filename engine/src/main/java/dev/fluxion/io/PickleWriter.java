package dev.fluxion.io;

import dev.fluxion.ir.Shape;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes the pickle of a state dict, in protocol 2 as PyTorch does: an ordered dictionary of tensors, each with its storage. */
final class PickleWriter {
    private static final String DICTIONARY = "ccollections\nOrderedDict\n)R";

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private int storages;

    PickleWriter() {
        code("\u0080\2" + DICTIONARY + "(");
    }

    /** Adds a tensor whose elements lie in row-major order in the next storage. */
    void tensor(String name, String storage, Shape shape) {
        text(name);
        code("ctorch._utils\n_rebuild_tensor_v2\n((");
        text("storage");
        code("ctorch\n" + storage + "\n");
        text(Integer.toString(storages++));
        text("cpu");
        number(shape.size());
        code("tQ");
        number(0);
        tuple(shape.dims());
        tuple(shape.strides());
        code("\u0089" + DICTIONARY + "tR");
    }

    /** The whole pickle. */
    byte[] bytes() {
        code("u.");
        return out.toByteArray();
    }

    private void tuple(int[] numbers) {
        code("(");
        for (int number : numbers) {
            number(number);
        }
        code("t");
    }

    private void number(int number) {
        code("J");
        out.writeBytes(littleEndian(number));
    }

    private void text(String text) {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw new IllegalArgumentException(Errors.notText(text));
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        code("X");
        out.writeBytes(littleEndian(bytes.length));
        out.writeBytes(bytes);
    }

    private void code(String code) {
        out.writeBytes(code.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static byte[] littleEndian(int number) {
        return ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(number)
                .array();
    }
}
