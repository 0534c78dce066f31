package dev.fluxion.files;

import dev.fluxion.data.DataFileException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** Unpacks files that are known by name from an archive (.tar.gz); others are passed over. */
final class Tar {
    private static final int BLOCK = 512;
    private static final int NAME = 100;
    private static final int SIZE = 124;
    private static final int SIZE_DIGITS = 12;

    private Tar() {}

    static void unpack(Path archive, List<String> names, Path folder) throws DataFileException {
        List<String> missing = new ArrayList<>(names);
        try (InputStream in =
                new BufferedInputStream(new GZIPInputStream(Files.newInputStream(archive), 1 << 16), 1 << 16)) {
            byte[] header = in.readNBytes(BLOCK);
            while (header.length == BLOCK && header[0] != 0 && !missing.isEmpty()) {
                String name = text(header, 0, NAME);
                long size = size(header);
                if (missing.remove(name)) {
                    write(in, size, folder.resolve(name));
                } else {
                    in.skipNBytes(size);
                }
                in.skipNBytes((BLOCK - size % BLOCK) % BLOCK);
                header = in.readNBytes(BLOCK);
            }
        } catch (IOException | NumberFormatException e) {
            throw new DataFileException(archive, Errors.badArchive(e), e);
        }
        if (!missing.isEmpty()) {
            throw new DataFileException(archive, Errors.archiveLacks(missing));
        }
    }

    private static void write(InputStream in, long size, Path file) throws IOException {
        Files.createDirectories(file.getParent());
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try (OutputStream out = Files.newOutputStream(part)) {
            byte[] buffer = new byte[1 << 16];
            for (long left = size; left > 0; ) {
                int n = in.read(buffer, 0, (int) Math.min(buffer.length, left));
                if (n < 0) {
                    throw new EOFException();
                }
                out.write(buffer, 0, n);
                left -= n;
            }
        }
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String text(byte[] header, int from, int most) {
        int end = from;
        while (end < from + most && header[end] != 0) {
            end++;
        }
        return new String(header, from, end - from, StandardCharsets.ISO_8859_1);
    }

    private static long size(byte[] header) {
        return Long.parseLong(text(header, SIZE, SIZE_DIGITS).strip(), 8);
    }
}
