package dev.fluxion.io;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The bytes of a pickle, read as they are asked for. */
final class PickleBytes {
    private static final int CHUNK = 1 << 14;

    private final Path file;
    private final FileChannel from;
    private final long begin;
    private final long bytes;
    private final ByteBuffer buffer =
            ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN).flip();
    private long read;

    PickleBytes(Path file, FileChannel from, long begin, long bytes) {
        this.file = file;
        this.from = from;
        this.begin = begin;
        this.bytes = bytes;
    }

    boolean hasMore() {
        return read < bytes || buffer.hasRemaining();
    }

    int unsignedByte() throws IOException {
        return Byte.toUnsignedInt(next(1).get());
    }

    int unsignedShort() throws IOException {
        return Short.toUnsignedInt(next(Short.BYTES).getShort());
    }

    int signedInt() throws IOException {
        return next(Integer.BYTES).getInt();
    }

    long unsignedInt() throws IOException {
        return Integer.toUnsignedLong(next(Integer.BYTES).getInt());
    }

    void skip(int count) throws IOException {
        next(count).position(buffer.position() + count);
    }

    /** A number of 64 bits, big-endian as pickles have them. */
    double number() throws IOException {
        return Double.longBitsToDouble(Long.reverseBytes(next(Long.BYTES).getLong()));
    }

    /** A whole number of so many bytes: a long, if it is one. */
    Object integer(int length) throws IOException {
        byte[] digits = new byte[length + 1];
        for (int i = 0; i < length; i++) {
            digits[length - i] = next(1).get();
        }
        digits[0] = (byte) (length > 0 && digits[1] < 0 ? -1 : 0);
        BigInteger value = new BigInteger(digits);
        return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
    }

    /** A text of so many bytes. */
    String text(long length) throws IOException {
        if (length > bytes - read + buffer.remaining()) {
            throw bad(TorchErrors.cutShort());
        }
        byte[] text = new byte[(int) length];
        for (int at = 0; at < text.length; ) {
            int count = Math.min(next(1).remaining(), text.length - at);
            buffer.get(text, at, count);
            at += count;
        }
        return decoded(text, text.length);
    }

    /** A text up to the end of its line. */
    String line(int longest) throws IOException {
        byte[] text = new byte[longest];
        for (int length = 0; length < longest; length++) {
            text[length] = next(1).get();
            if (text[length] == '\n') {
                return decoded(text, length);
            }
        }
        throw bad(TorchErrors.expected("a line of at most " + longest + " bytes"));
    }

    private String decoded(byte[] text, int length) throws IOException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(text, 0, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw bad(TorchErrors.notText());
        }
    }

    /** Makes sure that the buffer has so many bytes. */
    private ByteBuffer next(int count) throws IOException {
        if (buffer.remaining() < count) {
            buffer.compact();
            buffer.limit((int) Math.min(buffer.capacity(), buffer.position() + bytes - read));
            int had = buffer.position();
            Channels.read(file, from, buffer, begin + read);
            read += buffer.position() - had;
            buffer.flip();
        }
        if (buffer.remaining() < count) {
            throw bad(TorchErrors.cutShort());
        }
        return buffer;
    }

    TensorFileException refused(String problem) {
        return new TensorFileException(file, problem);
    }

    TensorFileException bad(String problem) {
        return new TensorFileException(file, TorchErrors.badPickle(read - buffer.remaining(), problem));
    }
}
