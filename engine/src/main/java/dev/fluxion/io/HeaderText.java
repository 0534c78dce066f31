package dev.fluxion.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The characters of a header, read and decoded as they are asked for, so that a long header takes no memory. */
final class HeaderText implements Characters {
    private static final int CHUNK = 1 << 14;

    private final Path file;
    private final FileChannel from;
    private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    private final ByteBuffer bytes = ByteBuffer.allocate(CHUNK).flip();
    private final CharBuffer chars = CharBuffer.allocate(CHUNK).flip();
    private long position;
    private final long end;
    private long taken;

    /** The text of the bytes from {@code begin} up to {@code end}. */
    HeaderText(Path file, FileChannel from, long begin, long end) {
        this.file = file;
        this.from = from;
        this.position = begin;
        this.end = end;
    }

    @Override
    public long taken() {
        return taken;
    }

    @Override
    public int peek() throws IOException {
        return chars.hasRemaining() || decode() ? chars.get(chars.position()) : -1;
    }

    @Override
    public void take() {
        chars.get();
        taken++;
    }

    @Override
    public String problem(long at, String problem) {
        return Errors.badHeader(at, problem);
    }

    private boolean decode() throws IOException {
        while (!chars.hasRemaining() && (position < end || bytes.hasRemaining())) {
            bytes.compact().limit((int) Math.min(bytes.capacity(), bytes.position() + end - position));
            int count = from.read(bytes, position);
            if (count < 0 && position < end) {
                throw new TensorFileException(file, Errors.changedWhileRead());
            }
            position += Math.max(0, count);
            chars.clear();
            CoderResult result = decoder.decode(bytes.flip(), chars, position == end);
            chars.flip();
            if (result.isError()) {
                throw new TensorFileException(file, Errors.notUtf8());
            }
        }
        return chars.hasRemaining();
    }
}
