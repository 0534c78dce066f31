package dev.fluxion.ffi;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32;

/**
 * The folder from which native libraries are loaded. It is filled once, for all processes, and then only read. Nothing in it is
 * believed: whose it is, who may write to it and each byte of each file are checked before a file is loaded.
 */
final class LibraryFolder {
    private static final int BLOCK = 256 << 10;

    private final Path parent;
    private final Path folder;
    private final List<Library> libraries;

    private LibraryFolder(Path parent, String name, List<Library> libraries) {
        this.parent = parent;
        this.folder = parent.resolve(name);
        this.libraries = libraries;
    }

    /**
     * A folder with these libraries and nothing else, in the first place that has it or can take it.
     *
     * @param copy 0; more for a class loader that wants files of its own, since each file belongs to one
     * @throws NativeUnavailableException if somebody else could have written there, or a file is not what it should be
     * @throws IOException if no place can take it
     */
    static Path of(List<Library> libraries, int copy) throws IOException {
        return of(parents(), libraries, copy);
    }

    static Path of(List<Path> parents, List<Library> libraries, int copy) throws IOException {
        IOException failure = new IOException(Errors.noFolder());
        for (Path parent : parents) {
            try {
                LibraryFolder folder = new LibraryFolder(parent, name(libraries, copy), libraries);
                folder.fill();
                folder.check();
                return folder.folder;
            } catch (IOException e) {
                e.addSuppressed(failure);
                failure = e;
            }
        }
        throw failure;
    }

    /** In what JavaCPP is told to use; else in the user's home, unless others may write there; else among temporary files. */
    private static List<Path> parents() throws IOException {
        String name = "fluxion-" + System.getProperty("user.name", "user");
        String told = System.getProperty("org.bytedeco.javacpp.cachedir");
        told = told == null ? System.getProperty("org.bytedeco.javacpp.cacheDir") : told;
        if (told != null) {
            return List.of(Path.of(told).toAbsolutePath().resolve(name));
        }
        Path among = Path.of(System.getProperty("java.io.tmpdir", ""))
                .toAbsolutePath()
                .resolve(name);
        Path home = Path.of(System.getProperty("user.home", ""));
        Path inHome = home.resolve(".fluxion");
        return home.isAbsolute() && Files.isDirectory(home) && Trust.openAbove(inHome) == null
                ? List.of(inHome, among)
                : List.of(among);
    }

    /** Says what the files hold, so that other versions have other folders. */
    private static String name(List<Library> libraries, int copy) {
        CRC32 all = new CRC32();
        for (Library library : libraries) {
            String line = library.file() + " " + library.bytes() + " " + library.crc() + "\n";
            all.update(line.getBytes(StandardCharsets.UTF_8));
        }
        return "native-" + Long.toHexString(all.getValue()) + (copy == 0 ? "" : "-" + copy);
    }

    private void fill() throws IOException {
        if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Trust.createFolder(parent);
        Trust.requireFolder(parent);
        // One lock for all copies of this class in the process: a process must not lock a file twice.
        synchronized (Runtime.getRuntime()) {
            try (FileChannel channel = FileChannel.open(
                            parent.resolve(".lock"),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE,
                            LinkOption.NOFOLLOW_LINKS);
                    FileLock lock = channel.lock()) {
                if (lock.isValid() && !Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
                    unpack();
                }
            }
        }
    }

    /** The folder appears when it is complete. What a process left that ended meanwhile is removed. */
    private void unpack() throws IOException {
        Path part = parent.resolve(folder.getFileName() + ".part");
        delete(part);
        try {
            Trust.createFolder(part);
            for (Library library : libraries) {
                unpack(library, part.resolve(library.file()));
            }
            Files.move(part, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException | RuntimeException | Error e) {
            delete(part);
            throw e;
        }
    }

    private static void unpack(Library library, Path file) throws IOException {
        CRC32 crc = new CRC32();
        long bytes = 0;
        try (InputStream from = library.open();
                FileChannel to = FileChannel.open(
                        file,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        Trust.onlyOurs("rw-------", file))) {
            byte[] block = new byte[BLOCK];
            for (int n = from.read(block); n >= 0; n = from.read(block)) {
                crc.update(block, 0, n);
                bytes += n;
                for (ByteBuffer rest = ByteBuffer.wrap(block, 0, n); rest.hasRemaining(); ) {
                    to.write(rest);
                }
            }
            to.force(true);
        } catch (IOException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
        if (bytes != library.bytes() || crc.getValue() != library.crc()) {
            throw new NativeUnavailableException(Errors.damagedJar(library.resource()), null);
        }
    }

    private static void delete(Path part) throws IOException {
        if (Files.isDirectory(part, LinkOption.NOFOLLOW_LINKS)) {
            for (Path file : list(part)) {
                Files.delete(file);
            }
        }
        Files.deleteIfExists(part);
    }

    private void check() throws IOException {
        Trust.requireFolder(parent);
        Trust.requireFolder(folder);
        for (Path file : list(folder)) {
            requireKnown(file);
        }
        ByteBuffer block = ByteBuffer.allocateDirect(BLOCK);
        for (Library library : libraries) {
            check(library, folder.resolve(library.file()), block);
        }
    }

    /** Beside the files, JavaCPP may make links to them, under their names without versions. */
    private void requireKnown(Path file) throws IOException {
        Path target = Files.isSymbolicLink(file) ? Files.readSymbolicLink(file) : file.getFileName();
        for (Library library : libraries) {
            if (file.endsWith(library.file()) || String.valueOf(target).equals(library.file())) {
                return;
            }
        }
        throw new NativeUnavailableException(Errors.strangeFile(file), null);
    }

    private static void check(Library library, Path file, ByteBuffer block) throws IOException {
        Trust.requireFile(file);
        CRC32 crc = new CRC32();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            boolean same = channel.size() == library.bytes();
            while (same && channel.read(block.clear()) >= 0) {
                crc.update(block.flip());
            }
            if (!same || crc.getValue() != library.crc()) {
                throw new NativeUnavailableException(Errors.changedFile(file), null);
            }
        }
    }

    private static List<Path> list(Path folder) throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
            stream.forEach(files::add);
        }
        return files;
    }
}
