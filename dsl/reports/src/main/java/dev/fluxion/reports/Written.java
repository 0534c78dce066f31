package dev.fluxion.reports;

import dev.fluxion.io.WholeFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Files of a listener, which cannot throw an {@link IOException}. */
final class Written {
    private Written() {}

    static void text(Path file, String text) {
        bytes(file, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Writes a file whole or not at all; its folder is made if it does not exist. */
    static void bytes(Path file, byte[] bytes) {
        try {
            Path folder = file.toAbsolutePath().getParent();
            if (folder != null) {
                WholeFile.makeFolder(folder);
            }
            WholeFile.write(file, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }
}
