package dev.fluxion.serving.grpc;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** Writes a message in the binary form of protocol buffers. Values that a reader assumes anyway, such as 0, are left out. */
final class WireWriter {
    private static final int VARINT = 0;
    private static final int LENGTH = 2;
    private static final int TYPE_BITS = 3;
    private static final int LONGEST_VARINT = 10;
    private static final int FIRST = 64;

    private byte[] bytes = new byte[FIRST];
    private int count;

    /** A message with some fields. */
    static byte[] write(Consumer<WireWriter> fields) {
        WireWriter writer = new WireWriter();
        fields.accept(writer);
        return writer.count == writer.bytes.length ? writer.bytes : Arrays.copyOf(writer.bytes, writer.count);
    }

    private void room(int more) {
        if (more > bytes.length - count) {
            bytes = Arrays.copyOf(bytes, Math.max(Math.addExact(count, more), (int) Math.min(2L * count, 1 << 30)));
        }
    }

    private void raw(long value) {
        room(LONGEST_VARINT);
        long left = value;
        while ((left & ~0x7FL) != 0) {
            bytes[count++] = (byte) (left | 0x80);
            left >>>= 7;
        }
        bytes[count++] = (byte) left;
    }

    private void tag(int field, int type) {
        raw((long) field << TYPE_BITS | type);
    }

    /** Room for so many bytes of a field, which follow. */
    private ByteBuffer next(int field, int length) {
        tag(field, LENGTH);
        raw(length);
        room(length);
        ByteBuffer next = ByteBuffer.wrap(bytes, count, length).slice().order(ByteOrder.LITTLE_ENDIAN);
        count += length;
        return next;
    }

    void integer(int field, long value) {
        if (value != 0) {
            tag(field, VARINT);
            raw(value);
        }
    }

    void flag(int field, boolean value) {
        integer(field, value ? 1 : 0);
    }

    void text(int field, String value) {
        if (!value.isEmpty()) {
            bytes(field, ByteBuffer.wrap(value.getBytes(StandardCharsets.UTF_8)));
        }
    }

    void bytes(int field, ByteBuffer value) {
        next(field, value.remaining()).put(value.duplicate());
    }

    void message(int field, Consumer<WireWriter> fields) {
        WireWriter inner = new WireWriter();
        fields.accept(inner);
        bytes(field, ByteBuffer.wrap(inner.bytes, 0, inner.count));
    }

    /** Integers together. */
    void integers(int field, List<Integer> values) {
        integers(field, values.stream().mapToInt(Integer::intValue).toArray());
    }

    /** Integers together. */
    void integers(int field, int[] values) {
        if (values.length > 0) {
            WireWriter inner = new WireWriter();
            for (int value : values) {
                inner.raw(value);
            }
            bytes(field, ByteBuffer.wrap(inner.bytes, 0, inner.count));
        }
    }

    /** Numbers together, 4 bytes each. */
    void floats(int field, float[] values) {
        next(field, Math.multiplyExact(values.length, Float.BYTES))
                .asFloatBuffer()
                .put(values);
    }

    /** Integers together, 4 bytes each. */
    void ints(int field, int[] values) {
        next(field, Math.multiplyExact(values.length, Integer.BYTES))
                .asIntBuffer()
                .put(values);
    }
}
