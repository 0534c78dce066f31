package dev.fluxion.serving.http;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;

/**
 * What stands around the content of a member of a gzip file (RFC 1952). The JDK's stream leaves native memory to the garbage collector when a
 * header is damaged.
 */
final class Gzip {
    private static final short MAGIC = (short) 0x8B1F;
    private static final byte DEFLATED = 8;
    private static final int HEADER_CHECKED = 2;
    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;
    private static final int KNOWN = 31;
    /** Time, level and system. */
    private static final int FIXED = 6;

    private Gzip() {}

    /** Skips the header of a little-endian buffer. */
    static void skipHeader(ByteBuffer from) throws DataFormatException {
        boolean known = from.getShort() == MAGIC && from.get() == DEFLATED;
        int flags = from.get();
        if (!known || (flags & ~KNOWN) != 0) {
            throw new DataFormatException();
        }
        skip(from, FIXED);
        if ((flags & EXTRA) != 0) {
            skip(from, from.getShort() & 0xFFFF);
        }
        if ((flags & NAME) != 0) {
            skipText(from);
        }
        if ((flags & COMMENT) != 0) {
            skipText(from);
        }
        if ((flags & HEADER_CHECKED) != 0) {
            skip(from, Short.BYTES);
        }
    }

    private static void skip(ByteBuffer from, int bytes) throws DataFormatException {
        if (bytes > from.remaining()) {
            throw new DataFormatException();
        }
        from.position(from.position() + bytes);
    }

    private static void skipText(ByteBuffer from) {
        byte letter = from.get();
        while (letter != 0) {
            letter = from.get();
        }
    }

    /** Reads the trailer, which must be that of a content: its sum, and how many bytes it has. */
    static void requireTrailer(ByteBuffer from, CRC32 sum, int length) throws DataFormatException {
        if (from.getInt() != (int) sum.getValue() || from.getInt() != length) {
            throw new DataFormatException();
        }
    }
}
