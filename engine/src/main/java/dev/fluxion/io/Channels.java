package dev.fluxion.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** Reads and writes whole buffers. */
final class Channels {
    private Channels() {}

    /** Fills the buffer with the bytes from a position on. */
    static void read(Path file, FileChannel from, ByteBuffer buffer, long position) throws IOException {
        long at = position;
        while (buffer.hasRemaining()) {
            int count = from.read(buffer, at);
            if (count < 0) {
                throw new TensorFileException(file, Errors.changedWhileRead());
            }
            at += count;
        }
    }

    static void write(FileChannel to, ByteBuffer buffer, long position) throws IOException {
        long at = position;
        while (buffer.hasRemaining()) {
            at += to.write(buffer, at);
        }
    }
}
