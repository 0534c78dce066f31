package dev.fluxion.io;

import dev.fluxion.ir.Given;
import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file that grows by whole records, such as the rows of a log. What could not be written to its end, as on a full disk, is cut
 * off again, so that the file ends with a whole record. All messages begin with the path.
 */
public final class AppendedFile implements Closeable {
    private static final String APPEND = "append";

    private final Path path;
    private final RandomAccessFile file;

    private AppendedFile(Path path, RandomAccessFile file) {
        this.path = path;
        this.file = file;
    }

    /**
     * A new file, in a folder that is made if it does not exist.
     *
     * @throws FileAlreadyExistsException if there is such a file
     * @throws IOException if it cannot be written
     */
    public static AppendedFile create(Path path) throws IOException {
        if (Files.exists(Given.require(APPEND, "the file", path))) {
            throw new FileAlreadyExistsException(path.toString(), null, Errors.fileExists());
        }
        return open(path, 0);
    }

    /**
     * A file that goes on after its first bytes; those after these are cut off. It is made if it does not exist.
     *
     * @param length the number of bytes that remain, at most those that there are
     * @throws IOException if it cannot be written
     */
    public static AppendedFile goOn(Path path, long length) throws IOException {
        return open(Given.require(APPEND, "the file", path), length);
    }

    private static AppendedFile open(Path path, long length) throws IOException {
        try {
            Path folder = path.toAbsolutePath().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            // No channel: an interrupt would close it in the middle of a record.
            RandomAccessFile file = new RandomAccessFile(new File(path.toString()), "rw");
            try {
                cut(file, Math.min(length, file.length()));
            } catch (IOException e) {
                file.close();
                throw e;
            }
            return new AppendedFile(path, file);
        } catch (IOException e) {
            throw WholeFile.unwritable(path, e);
        }
    }

    private static void cut(RandomAccessFile file, long length) throws IOException {
        file.setLength(length);
        file.seek(length);
    }

    /**
     * Writes records.
     *
     * @throws IOException if that fails; the file is what it was before
     */
    public void append(byte[] records) throws IOException {
        long whole = file.getFilePointer();
        try {
            file.write(Given.require(APPEND, "the records", records));
        } catch (IOException e) {
            try {
                cut(file, whole);
            } catch (IOException uncut) {
                e.addSuppressed(uncut);
            }
            throw WholeFile.unwritable(path, e);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
