package dev.fluxion.reports;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** A protocol-buffers message, field after field. */
final class Proto {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int LENGTH = 2;
    private static final int FIXED32 = 5;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private Proto() {}

    /** A message without fields. */
    static Proto message() {
        return new Proto();
    }

    Proto integer(int field, long value) {
        tag(field, VARINT);
        varint(value);
        return this;
    }

    Proto real(int field, double value) {
        tag(field, FIXED64);
        out.writeBytes(little(8, Double.doubleToRawLongBits(value)));
        return this;
    }

    Proto single(int field, float value) {
        tag(field, FIXED32);
        out.writeBytes(little(4, Float.floatToRawIntBits(value)));
        return this;
    }

    Proto text(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    Proto message(int field, Proto value) {
        return bytes(field, value.toBytes());
    }

    Proto bytes(int field, byte[] value) {
        tag(field, LENGTH);
        varint(value.length);
        out.writeBytes(value);
        return this;
    }

    /** A packed list. */
    Proto reals(int field, double... values) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        for (double value : values) {
            packed.writeBytes(little(8, Double.doubleToRawLongBits(value)));
        }
        return bytes(field, packed.toByteArray());
    }

    byte[] toBytes() {
        return out.toByteArray();
    }

    /** The lowest bytes of a number, the lowest first. */
    static byte[] little(int size, long value) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (value >>> 8 * i);
        }
        return bytes;
    }

    private void tag(int field, int kind) {
        varint((long) field << 3 | kind);
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
