package dev.fluxion.data;

import dev.fluxion.ir.Legible;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A data file is missing, cannot be read or does not have the expected format. The message begins with the path and
 * says what was expected and what was found.
 */
public final class DataFileException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient @Nullable Path path;

    /** A problem of a file or folder. */
    public DataFileException(Path path, String problem) {
        super(Legible.whole(path.toString()) + ": " + problem);
        this.path = path;
    }

    /** A problem of a file or folder, and what it comes from. */
    public DataFileException(Path path, String problem, Throwable cause) {
        super(Legible.whole(path.toString()) + ": " + problem, cause);
        this.path = path;
    }

    /** The file or folder; null only in an exception that was serialised. */
    public @Nullable Path path() {
        return path;
    }
}
