package dev.fluxion.data;

import dev.fluxion.ir.Given;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipException;

/**
 * An IDX file of unsigned bytes, plain or compressed with gzip. A header is not trusted: memory is allocated only
 * after as many bytes as it promises have been counted.
 *
 * @param file where it is
 * @param compressed whether it is a gzip file
 * @param dims the extents
 */
@SuppressWarnings("ArrayRecordComponent")
record Idx(Path file, boolean compressed, int[] dims) {
    /** About twice EMNIST, the largest data set in this format that is in use. */
    private static final long MOST_BYTES = 1L << 30;

    private static final int UNSIGNED_BYTES = 0x0800;
    private static final int BUFFER = 1 << 16;

    /** Reads the header only. */
    static Idx open(Path file, int rank) throws DataFileException {
        requireFile(file);
        return reading(file, () -> {
            boolean compressed;
            try (InputStream raw = Files.newInputStream(file)) {
                compressed = Gzip.begins(raw.readNBytes(2));
            }
            try (InputStream in = content(file, compressed)) {
                return new Idx(file, compressed, header(file, in, rank));
            }
        });
    }

    static void requireFile(Path file) throws DataFileException {
        if (!Files.exists(Given.require("read", "the file", file))) {
            throw new DataFileException(file, Errors.missing());
        }
        if (!Files.isRegularFile(file)) {
            throw new DataFileException(file, Errors.notAFile());
        }
    }

    /** The extent of the first axis. */
    int count() {
        return dims[0];
    }

    /** Reads the bytes, row-major. */
    byte[] data() throws DataFileException {
        int size = 1;
        for (int dim : dims) {
            size *= dim;
        }
        int promised = size;
        int skipped = headerBytes(dims.length);
        return reading(file, () -> {
            requireLength(skipped + (long) promised);
            byte[] data = allocate(promised);
            try (InputStream in = content(file, compressed)) {
                in.skipNBytes(skipped);
                if (in.readNBytes(data, 0, promised) < promised) {
                    throw new DataFileException(file, Errors.changedWhileRead(skipped + (long) promised));
                }
            }
            return data;
        });
    }

    /** Decompresses the file once without keeping it, to count its bytes. */
    private void requireLength(long whole) throws IOException {
        long found = compressed ? 0 : Files.size(file);
        if (compressed) {
            byte[] passing = new byte[BUFFER];
            try (InputStream in = content(file, true)) {
                for (int n = 0; n >= 0 && found <= whole; n = in.read(passing)) {
                    found += n;
                }
            }
        }
        if (found < whole) {
            throw new DataFileException(file, Errors.truncated(whole, found));
        }
        if (found > whole) {
            throw new DataFileException(file, Errors.trailing(whole));
        }
    }

    private byte[] allocate(int bytes) throws DataFileException {
        try {
            return new byte[bytes];
        } catch (OutOfMemoryError e) {
            throw new DataFileException(file, Errors.noMemory(bytes), e);
        }
    }

    private static InputStream content(Path file, boolean compressed) throws IOException {
        InputStream raw = Files.newInputStream(file);
        if (!compressed) {
            return raw;
        }
        try {
            return new Gzip(raw);
        } catch (IOException e) {
            raw.close();
            throw e;
        }
    }

    private interface Reading<T> {
        T read() throws IOException;
    }

    private static <T> T reading(Path file, Reading<T> reading) throws DataFileException {
        try {
            return reading.read();
        } catch (DataFileException e) {
            throw e;
        } catch (ZipException | EOFException e) {
            throw new DataFileException(file, Errors.brokenGzip(e), e);
        } catch (IOException e) {
            throw new DataFileException(file, Errors.unreadable(e), e);
        }
    }

    private static int headerBytes(int rank) {
        return 4 + 4 * rank;
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
}
