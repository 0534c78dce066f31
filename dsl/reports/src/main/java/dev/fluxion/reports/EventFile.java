package dev.fluxion.reports;

import dev.fluxion.io.AppendedFile;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.function.DoubleSupplier;
import java.util.zip.CRC32C;

/** A file of TensorFlow events: records with their length and masked checksums. Events are written in blocks, once a second. */
final class EventFile implements Closeable {
    private static final int CRC_MASK = 0xa282ead8;
    private static final int MOST_PENDING = 1 << 16;
    private static final double SECONDS_BETWEEN = 1;

    private static final int WALL_TIME = 1;
    private static final int STEP = 2;
    private static final int FILE_VERSION = 3;
    private static final int GRAPH = 4;
    private static final int SUMMARY = 5;
    private static final int SESSION_LOG = 7;

    private final AppendedFile file;
    private final DoubleSupplier clock;
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
    private double written;

    private EventFile(AppendedFile file, DoubleSupplier clock) {
        this.file = file;
        this.clock = clock;
    }

    /**
     * A new file.
     *
     * @param clock tells the time in seconds since 1970
     * @throws IOException if there is such a file or it cannot be written
     */
    static EventFile create(Path path, DoubleSupplier clock) throws IOException {
        AppendedFile file = AppendedFile.create(path);
        EventFile events = new EventFile(file, clock);
        try {
            events.event(0, Proto.message().text(FILE_VERSION, "brain.Event:2"));
            events.flush();
        } catch (IOException e) {
            file.close();
            throw e;
        }
        return events;
    }

    /** A value with a tag: see {@link Summaries}. */
    void value(long step, Proto value) throws IOException {
        event(step, Proto.message().message(SUMMARY, Proto.message().message(1, value)));
    }

    void graph(Proto graph) throws IOException {
        event(0, Proto.message().bytes(GRAPH, graph.toBytes()));
    }

    /** Tells that what follows goes on from a step, so that later values of earlier files do not count. */
    void goesOn(long step) throws IOException {
        event(step, Proto.message().message(SESSION_LOG, Proto.message().integer(1, 1)));
    }

    private void event(long step, Proto content) throws IOException {
        double now = clock.getAsDouble();
        Proto head = Proto.message().real(WALL_TIME, now).integer(STEP, step);
        record(concat(head.toBytes(), content.toBytes()));
        if (pending.size() >= MOST_PENDING || now - written >= SECONDS_BETWEEN) {
            flush();
            written = now;
        }
    }

    private static byte[] concat(byte[] first, byte[] second) {
        return ByteBuffer.allocate(first.length + second.length)
                .put(first)
                .put(second)
                .array();
    }

    private void record(byte[] event) {
        byte[] length = Proto.little(8, event.length);
        pending.writeBytes(length);
        pending.writeBytes(Proto.little(4, checksum(length)));
        pending.writeBytes(event);
        pending.writeBytes(Proto.little(4, checksum(event)));
    }

    static int checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return Integer.rotateRight((int) crc.getValue(), 15) + CRC_MASK;
    }

    void flush() throws IOException {
        if (pending.size() > 0) {
            file.append(pending.toByteArray());
            pending.reset();
        }
    }

    @Override
    public void close() throws IOException {
        try (file) {
            flush();
        }
    }
}
