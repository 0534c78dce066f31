package dev.fluxion.io;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A file of tensors is missing, cannot be read or written, or is not what its format demands. The message begins with the
 * path and says what was expected and what came.
 */
public final class TensorFileException extends IOException {
    private static final long serialVersionUID = 1L;

    TensorFileException(Path path, String problem) {
        super(path + ": " + problem);
    }

    TensorFileException(Path path, String problem, Throwable cause) {
        super(path + ": " + problem, cause);
    }
}
