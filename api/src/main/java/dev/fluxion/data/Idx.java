package dev.fluxion.data;

import dev.fluxion.ir.Given;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * The content of an IDX file of unsigned bytes, plain or in one gzip stream. A file is believed only as far as it goes:
 * memory grows with the bytes that come, and never beyond what the header promises.
 *
 * @param dims the extents
 * @param data the bytes, row-major
 */
@SuppressWarnings("ArrayRecordComponent")
record Idx(int[] dims, byte[] data) {
    /** About twice EMNIST, the largest data set in this format that is in use. */
    private static final long MOST_BYTES = 1L << 30;

    private static final int UNSIGNED_BYTES = 0x0800;
    private static final int BUFFER = 1 << 16;

    static Idx read(Path file, int rank) throws DataFileException {
        requireFile(file);
        try (InputStream raw = new BufferedInputStream(Files.newInputStream(file), BUFFER)) {
            if (!startsAsGzip(raw)) {
                return parse(file, raw, rank);
            }
            Idx idx = parse(file, new GZIPInputStream(raw, BUFFER), rank);
            requireOneStream(file, headerBytes(rank) + (long) idx.data.length);
            return idx;
        } catch (DataFileException e) {
            throw e;
        } catch (ZipException | EOFException e) {
            throw new DataFileException(file, Errors.brokenGzip(e), e);
        } catch (IOException e) {
            throw new DataFileException(file, Errors.unreadable(e), e);
        }
    }

    static void requireFile(Path file) throws DataFileException {
        if (!Files.exists(Given.require("read", "the file", file))) {
            throw new DataFileException(file, Errors.missing());
        }
        if (!Files.isRegularFile(file)) {
            throw new DataFileException(file, Errors.notAFile());
        }
    }

    private static boolean startsAsGzip(InputStream in) throws IOException {
        in.mark(2);
        boolean gzip = in.read() == 0x1f && in.read() == 0x8b;
        in.reset();
        return gzip;
    }

    private static int headerBytes(int rank) {
        return 4 + 4 * rank;
    }

    private static Idx parse(Path file, InputStream in, int rank) throws IOException {
        int[] dims = header(file, in, rank);
        int promised = 1;
        for (int dim : dims) {
            promised *= dim;
        }
        byte[] data = in.readNBytes(promised);
        long whole = headerBytes(rank) + (long) promised;
        if (data.length < promised) {
            throw new DataFileException(file, Errors.truncated(whole, headerBytes(rank) + (long) data.length));
        }
        if (in.read() >= 0) {
            throw new DataFileException(file, Errors.trailing(whole));
        }
        return new Idx(dims, data);
    }

    private static int[] header(Path file, InputStream in, int rank) throws IOException {
        ByteBuffer header = ByteBuffer.wrap(in.readNBytes(headerBytes(rank)));
        int magic = UNSIGNED_BYTES | rank;
        if (header.remaining() >= 4) {
            int found = header.getInt();
            if (found != magic) {
                throw new DataFileException(file, Errors.wrongMagic(magic, found, rank == 1 ? "labels" : "images"));
            }
        }
        if (header.limit() < headerBytes(rank)) {
            throw new DataFileException(file, Errors.cutShort(headerBytes(rank)));
        }
        List<Long> extents = new ArrayList<>();
        for (int i = 0; i < rank; i++) {
            extents.add(Integer.toUnsignedLong(header.getInt()));
        }
        long size = 1;
        for (long extent : extents) {
            if (extent < 1 || extent > Integer.MAX_VALUE) {
                throw new DataFileException(file, Errors.badExtents(extents));
            }
            size *= extent;
            if (size > MOST_BYTES) {
                throw new DataFileException(file, Errors.tooLarge(extents, MOST_BYTES));
            }
        }
        return extents.stream().mapToInt(Long::intValue).toArray();
    }

    /**
     * A gzip file ends with the length of its content. Java's reader overlooks what follows the end of the stream; with
     * something after it, the last four bytes are not that length.
     */
    private static void requireOneStream(Path file, long length) throws IOException {
        ByteBuffer last = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
        try (FileChannel channel = FileChannel.open(file)) {
            channel.read(last, channel.size() - 4);
        }
        if (last.getInt(0) != (int) length) {
            throw new DataFileException(file, Errors.trailingGzip(length));
        }
    }
}
