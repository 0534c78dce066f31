package dev.fluxion.serving.grpc;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.function.LongConsumer;

/**
 * Reads a message in the binary form of protocol buffers, field by field: {@code while (in.next()) { switch (in.field()) … }}. Whoever
 * does not want a field skips it.
 */
final class WireReader {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int LENGTH = 2;
    private static final int FIXED32 = 5;
    private static final int TYPE_BITS = 3;
    private static final int TYPE_MASK = 7;
    private static final int LAST_SHIFT = 63;

    private final ByteBuffer in;
    private int tag;

    /** A message, whose bytes stay as they are. */
    WireReader(ByteBuffer message) {
        this.in = message.slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Goes to the next field, if there is one. */
    boolean next() {
        if (!in.hasRemaining()) {
            return false;
        }
        long read = raw();
        if (read >>> TYPE_BITS == 0 || read != (int) read) {
            throw Errors.malformed("a tag is " + read);
        }
        tag = (int) read;
        return true;
    }

    /** The number of the field. */
    int field() {
        return tag >>> TYPE_BITS;
    }

    private int type() {
        return tag & TYPE_MASK;
    }

    private void require(int type) {
        if (type() != type) {
            throw Errors.malformed("field " + field() + " has wire type " + type() + ", not " + type);
        }
    }

    private long raw() {
        long value = 0;
        for (int shift = 0; shift <= LAST_SHIFT; shift += 7) {
            if (!in.hasRemaining()) {
                throw Errors.cut(field());
            }
            byte part = in.get();
            value |= (long) (part & 0x7F) << shift;
            if (part >= 0) {
                return value;
            }
        }
        throw Errors.malformed("an integer of field " + field() + " has more than 10 bytes");
    }

    private ByteBuffer take(long bytes) {
        if (bytes < 0 || bytes > in.remaining()) {
            throw Errors.cut(field());
        }
        ByteBuffer taken = in.slice(in.position(), (int) bytes).order(ByteOrder.LITTLE_ENDIAN);
        in.position(in.position() + (int) bytes);
        return taken;
    }

    long integer() {
        require(VARINT);
        return raw();
    }

    boolean flag() {
        return integer() != 0;
    }

    double real() {
        require(FIXED64);
        return take(Double.BYTES).getDouble();
    }

    /** The bytes of a field, which are shared with the message. */
    ByteBuffer bytes() {
        require(LENGTH);
        return take(raw());
    }

    WireReader message() {
        return new WireReader(bytes());
    }

    String text() {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes()).toString();
        } catch (CharacterCodingException e) {
            throw Errors.malformed("field " + field() + " is no valid UTF-8");
        }
    }

    /** Integers of a repeated field, which come one by one or together. */
    void integers(LongConsumer each) {
        if (type() != LENGTH) {
            each.accept(integer());
            return;
        }
        WireReader packed = message();
        packed.tag = tag;
        while (packed.in.hasRemaining()) {
            each.accept(packed.raw());
        }
    }

    /** The bytes of numbers of a repeated field, of 4 or 8 bytes each, which come one by one or together. */
    ByteBuffer numbers(int size) {
        if (type() == LENGTH) {
            ByteBuffer packed = bytes();
            if (packed.remaining() % size != 0) {
                throw Errors.cut(field());
            }
            return packed;
        }
        require(size == Double.BYTES ? FIXED64 : FIXED32);
        return take(size);
    }

    /** Passes over the field. */
    void skip() {
        switch (type()) {
            case VARINT -> raw();
            case FIXED64 -> take(Double.BYTES);
            case LENGTH -> take(raw());
            case FIXED32 -> take(Float.BYTES);
            default -> throw Errors.malformed("field " + field() + " has wire type " + type());
        }
    }
}
