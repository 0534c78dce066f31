package dev.fluxion.reports;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/** Reads event files, without the code that writes them. */
final class Events {
    private Events() {}

    /** One field of a message: a number, or bytes. */
    record Field(int number, long value, byte[] bytes) {
        String text() {
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    /** The events of a file, whose lengths and checksums are right. */
    static List<List<Field>> of(Path file) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<List<Field>> events = new ArrayList<>();
        while (in.hasRemaining()) {
            int length = (int) in.getLong(in.position());
            require(checked(in, 8) != null);
            events.add(fields(checked(in, length)));
        }
        return events;
    }

    private static byte[] checked(ByteBuffer in, int length) {
        byte[] bytes = new byte[length];
        in.get(bytes);
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        long value = crc.getValue();
        require(in.getInt() == (int) ((value >>> 15 | value << 17) + 0xa282ead8L));
        return bytes;
    }

    private static void require(boolean holds) {
        if (!holds) {
            throw new AssertionError("a checksum is wrong");
        }
    }

    static List<Field> fields(byte[] message) {
        ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
        List<Field> fields = new ArrayList<>();
        while (in.hasRemaining()) {
            int tag = (int) varint(in);
            switch (tag & 7) {
                case 0 -> fields.add(new Field(tag >>> 3, varint(in), new byte[0]));
                case 1 -> fields.add(new Field(tag >>> 3, in.getLong(), new byte[0]));
                case 5 -> fields.add(new Field(tag >>> 3, in.getInt(), new byte[0]));
                default -> {
                    byte[] bytes = new byte[(int) varint(in)];
                    in.get(bytes);
                    fields.add(new Field(tag >>> 3, 0, bytes));
                }
            }
        }
        return fields;
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = in.get();
            value |= (next & 0x7FL) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }

    /** The tags of all values, each with its step: {@code training/loss 3}. */
    static List<String> tags(List<List<Field>> events) {
        List<String> tags = new ArrayList<>();
        for (List<Field> event : events) {
            long step = event.get(1).value();
            for (Field field : event) {
                if (field.number() == 5) {
                    Field value = fields(field.bytes()).get(0);
                    tags.add(fields(value.bytes()).get(0).text() + " " + step);
                }
            }
        }
        return tags;
    }
}
