package dev.fluxion.io;

import dev.fluxion.ir.Given;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files that are there whole or not at all: as they were until the new bytes are on the disk, and if anything fails. */
public final class WholeFile {
    private static final String WRITE = "write";

    private WholeFile() {}

    /**
     * Writes a file, or what a symbolic link points to.
     *
     * @throws IOException if it cannot be written, as where its folder does not exist; the message names file and reason
     */
    public static void write(Path file, byte[] bytes) throws IOException {
        Given.require(WRITE, "the bytes", bytes);
        Replacement.replace(
                Given.require(WRITE, "the file", file),
                to -> Channels.write(to, ByteBuffer.wrap(bytes), to.position()));
    }

    /**
     * Writes a text file in UTF-8.
     *
     * @throws IOException if it cannot be written, as where its folder does not exist; the message names file and reason
     */
    public static void write(Path file, String text) throws IOException {
        write(file, Given.require(WRITE, "the text", text).getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Makes a folder and those above it, unless they exist.
     *
     * @throws IOException if that fails; the message names the folder and the reason
     */
    public static void makeFolder(Path folder) throws IOException {
        try {
            Files.createDirectories(Given.require("makeFolder", "the folder", folder));
        } catch (IOException e) {
            throw unwritable(folder, e);
        }
    }

    /** Tells which file, and why. */
    static IOException unwritable(Path path, IOException cause) {
        IOException named = new FileSystemException(path.toString(), null, Errors.unwritable(cause));
        named.initCause(cause);
        return named;
    }
}
