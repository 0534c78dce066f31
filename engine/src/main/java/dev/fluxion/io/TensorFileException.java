package dev.fluxion.io;

import dev.fluxion.ir.Legible;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A file of tensors is missing, cannot be read or written, or is not what its format demands. The message begins with the
 * path and says what was expected and what came.
 */
public final class TensorFileException extends IOException {
    private static final long serialVersionUID = 1L;

    TensorFileException(Path path, String problem) {
        super(Legible.whole(path.toString()) + ": " + problem);
    }

    TensorFileException(Path path, String problem, Throwable cause) {
        super(Legible.whole(path.toString()) + ": " + problem, cause);
    }
}
