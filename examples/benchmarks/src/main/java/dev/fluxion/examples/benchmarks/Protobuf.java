package dev.fluxion.examples.benchmarks;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** A message in protocol buffers' wire format, written field by field. */
final class Protobuf {
    private static final int VARINT = 0;
    private static final int LENGTH_DELIMITED = 2;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** This message with an integer. */
    Protobuf put(int field, long value) {
        varint((long) field << 3 | VARINT);
        varint(value);
        return this;
    }

    /** This message with a text. */
    Protobuf put(int field, String text) {
        return put(field, text.getBytes(StandardCharsets.UTF_8));
    }

    /** This message with a message in it. */
    Protobuf put(int field, Protobuf message) {
        return put(field, message.bytes());
    }

    /** This message with numbers as bytes, little-endian. */
    Protobuf put(int field, float[] values) {
        ByteBuffer buffer = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asFloatBuffer().put(values);
        return put(field, buffer.array());
    }

    /** The message so far. */
    byte[] bytes() {
        return out.toByteArray();
    }

    /** This message with bytes. */
    Protobuf put(int field, byte[] bytes) {
        varint((long) field << 3 | LENGTH_DELIMITED);
        varint(bytes.length);
        out.writeBytes(bytes);
        return this;
    }

    private void varint(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.write((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }
}
