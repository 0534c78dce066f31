package dev.fluxion.data;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/**
 * The content of a gzip file (RFC 1952): one member or several, one after the other, and nothing else. Every byte of the
 * file is accounted for, and each member's length and checksum must be right.
 */
final class Gzip extends InputStream {
    private static final int DEFLATE = 8;
    private static final int HEADER_CHECK = 2;
    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;
    private static final int RESERVED = 0xe0;

    private final InputStream in;
    private final Inflater inflater = new Inflater(true);
    private final CRC32 headerSum = new CRC32();
    private final CRC32 sum = new CRC32();
    private final byte[] buffer = new byte[1 << 16];
    private int at;
    private int end;
    private boolean over;

    Gzip(InputStream in) throws IOException {
        this.in = in;
        header();
    }

    static boolean begins(byte[] first) {
        return first.length >= 2 && first[0] == 0x1f && first[1] == (byte) 0x8b;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] to, int from, int length) throws IOException {
        while (length > 0 && !over) {
            int count = inflate(to, from, length);
            if (count > 0) {
                sum.update(to, from, count);
                return count;
            }
            if (inflater.finished()) {
                at = end - inflater.getRemaining();
                trailer();
            } else {
                at = end;
                require(fill());
                inflater.setInput(buffer, at, end - at);
            }
        }
        return length == 0 ? 0 : -1;
    }

    private int inflate(byte[] to, int from, int length) throws IOException {
        try {
            return inflater.inflate(to, from, length);
        } catch (DataFormatException e) {
            throw (IOException) new ZipException(e.getMessage()).initCause(e);
        }
    }

    private void header() throws IOException {
        headerSum.reset();
        if (next() != 0x1f || next() != 0x8b) {
            throw new ZipException(Errors.notGzip());
        }
        int method = next();
        int flags = next();
        if (method != DEFLATE || (flags & RESERVED) != 0) {
            throw new ZipException(Errors.unknownGzip(method, flags));
        }
        skip(6);
        if ((flags & EXTRA) != 0) {
            skip((int) little(2));
        }
        if ((flags & NAME) != 0) {
            skipText();
        }
        if ((flags & COMMENT) != 0) {
            skipText();
        }
        long found = headerSum.getValue() & 0xffff;
        if ((flags & HEADER_CHECK) != 0 && little(2) != found) {
            throw new ZipException(Errors.gzipCheck("header"));
        }
        inflater.reset();
        inflater.setInput(buffer, at, end - at);
        sum.reset();
    }

    private void trailer() throws IOException {
        if (little(4) != sum.getValue()) {
            throw new ZipException(Errors.gzipCheck("content"));
        }
        if (little(4) != (inflater.getBytesWritten() & 0xffff_ffffL)) {
            throw new ZipException(Errors.gzipCheck("length"));
        }
        over = !fill();
        if (over) {
            inflater.end();
        } else {
            header();
        }
    }

    private void skipText() throws IOException {
        while (next() != 0) {}
    }

    private void skip(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            next();
        }
    }

    private long little(int bytes) throws IOException {
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            value |= (long) next() << 8 * i;
        }
        return value;
    }

    private int next() throws IOException {
        require(fill());
        headerSum.update(buffer[at]);
        return Byte.toUnsignedInt(buffer[at++]);
    }

    /** Whether there is a byte to be taken. */
    private boolean fill() throws IOException {
        if (at == end) {
            at = 0;
            end = Math.max(0, in.read(buffer));
        }
        return at < end;
    }

    private static void require(boolean more) throws EOFException {
        if (!more) {
            throw new EOFException(Errors.gzipEnds());
        }
    }

    @Override
    public void close() throws IOException {
        inflater.end();
        in.close();
    }
}
