package dev.fluxion.io;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * Writes a file anew: beside the old one first, and in its place when all is on the disk. Until then, or if anything
 * fails, the old file is what it was. What a process that was killed has left beside it is removed: a part is locked as
 * long as somebody writes it.
 */
final class Replacement {
    private static final String PART = ".part";
    private static final Pattern IDENTITY = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    private static final Pattern ANY_PART = Pattern.compile(".+\\." + IDENTITY + "\\" + PART);
    private static final int LONGEST_CHAIN = 40;

    /** The parts that this JVM is writing: to open one of these and close it again would release its lock. */
    private static final Set<Path> WRITING = ConcurrentHashMap.newKeySet();

    private Replacement() {}

    interface Content {
        void write(FileChannel to) throws IOException;
    }

    /** Where a file is to be written: where it points to, if it is a symbolic link. */
    static Path followed(Path file) throws IOException {
        Path at = file.toAbsolutePath();
        for (int i = 0; i < LONGEST_CHAIN && Files.isSymbolicLink(at); i++) {
            at = at.resolveSibling(Files.readSymbolicLink(at));
        }
        if (Files.isSymbolicLink(at)) {
            throw new IOException(Errors.endlessLink());
        }
        return at;
    }

    /** Writes a file, or what a symbolic link points to. */
    static void replace(Path file, Content content) throws TensorFileException {
        try {
            Path target = followed(file);
            Path folder = Objects.requireNonNullElse(target.getParent(), target);
            if (Files.notExists(folder)) {
                throw new TensorFileException(file, Errors.noFolder(folder));
            }
            if (Files.exists(folder) && !Files.isDirectory(folder)) {
                throw new TensorFileException(file, Errors.notAFolder(folder));
            }
            if (Files.exists(target) && !Files.isRegularFile(target)) {
                throw new TensorFileException(file, Errors.notAFile());
            }
            write(target, folder, content);
        } catch (TensorFileException e) {
            throw e;
        } catch (IOException e) {
            throw new TensorFileException(file, Errors.unwritable(e), e);
        }
    }

    /** Writes a file that is no symbolic link, in a folder that exists. */
    static void write(Path file, Path folder, Content content) throws IOException {
        Path real = folder.toRealPath();
        String name = String.valueOf(file.getFileName());
        removeForsaken(real, path -> isPart(path, name));
        Path part = real.resolve(name + "." + UUID.randomUUID() + PART);
        while (!written(part, file, content)) {
            part = real.resolve(name + "." + UUID.randomUUID() + PART);
        }
        sync(real);
    }

    /** Whether it went well; else another process took the new part for a forsaken one. */
    private static boolean written(Path part, Path file, Content content) throws IOException {
        WRITING.add(part);
        try (FileChannel to = Rights.create(part, file)) {
            if (!locked(to) || Files.notExists(part)) {
                return false;
            }
            content.write(to);
            to.force(true);
            Rights.copy(file, part);
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return true;
        } finally {
            Files.deleteIfExists(part);
            WRITING.remove(part);
        }
    }

    /** Whether nobody else has a lock; where the file system has no locks, nobody has. */
    private static boolean locked(FileChannel part) throws IOException {
        try {
            return part.tryLock() != null;
        } catch (ClosedByInterruptException e) {
            throw e;
        } catch (IOException e) {
            return true;
        }
    }

    /** Removes parts of all files in a folder that nobody writes. */
    static void removeForsaken(Path folder) {
        removeForsaken(folder, path -> ANY_PART.matcher(String.valueOf(path.getFileName()))
                .matches());
    }

    /** Removes parts that nobody writes. That this fails, as where a folder cannot be listed, is no reason not to save. */
    private static void removeForsaken(Path folder, DirectoryStream.Filter<Path> which) {
        try (DirectoryStream<Path> parts = Files.newDirectoryStream(folder, which)) {
            for (Path part : parts) {
                if (!WRITING.contains(part)) {
                    removeIfForsaken(part);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            // They stay.
        }
    }

    private static void removeIfForsaken(Path part) throws IOException {
        try (FileChannel open = FileChannel.open(part, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
            if (open.tryLock() != null) {
                Files.delete(part);
            }
        } catch (OverlappingFileLockException e) {
            // This JVM writes it.
        }
    }

    private static boolean isPart(Path path, String name) {
        String found = String.valueOf(path.getFileName());
        int identity = name.length() + 1;
        return found.startsWith(name + ".")
                && found.endsWith(PART)
                && found.length() >= identity + PART.length()
                && IDENTITY.matcher(found.substring(identity, found.length() - PART.length()))
                        .matches();
    }

    /**
     * Makes the new name outlast a loss of power, where folders can be opened. The file is there: an interrupt comes too
     * late to stop it, and is passed on.
     */
    private static void sync(Path folder) throws IOException {
        boolean interrupted = Thread.interrupted();
        while (!synced(folder)) {
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean synced(Path folder) throws IOException {
        if (!Rights.known(folder)) {
            return true;
        }
        try (FileChannel channel = FileChannel.open(folder)) {
            channel.force(true);
            return true;
        } catch (ClosedByInterruptException e) {
            return false;
        }
    }
}
