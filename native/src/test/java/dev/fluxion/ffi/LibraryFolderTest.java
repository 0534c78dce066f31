package dev.fluxion.ffi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is loaded is what the class path has, and nobody else can have put it there. */
class LibraryFolderTest {
    private static final String NAME = "libone.so";

    @TempDir
    Path temporary;

    private Path parent;
    private List<Library> libraries;

    @BeforeEach
    void libraries() throws IOException {
        parent = temporary.resolve("cache").resolve("fluxion");
        libraries = List.of(library(NAME, 300_000), library("libtwo.so.2", 70));
    }

    private Library library(String name, int bytes) throws IOException {
        Path source = temporary.resolve(name);
        byte[] content = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            content[i] = (byte) (i * 31 + bytes);
        }
        Files.write(source, content);
        return Library.of(name, name, source.toUri().toURL());
    }

    private Path fill() throws IOException {
        return LibraryFolder.of(List.of(parent), libraries, 0);
    }

    private void refused(String message) {
        assertThatThrownBy(this::fill)
                .isInstanceOf(NativeUnavailableException.class)
                .hasMessageContaining(message)
                .hasMessageEndingWith(".");
    }

    @Test
    void holdsTheLibrariesForTheUserAlone() throws IOException {
        Path folder = fill();
        try (var files = Files.list(folder)) {
            assertThat(files).hasSize(2);
        }
        assertThat(folder.resolve(NAME)).hasSameBinaryContentAs(temporary.resolve(NAME));
        assertThat(mode(parent)).isEqualTo("rwx------");
        assertThat(mode(folder)).isEqualTo("rwx------");
        assertThat(mode(folder.resolve(NAME))).isEqualTo("rw-------");
        FileTime made = Files.getLastModifiedTime(folder.resolve(NAME));
        assertThat(fill()).isEqualTo(folder);
        assertThat(Files.getLastModifiedTime(folder.resolve(NAME))).isEqualTo(made);
        assertThat(LibraryFolder.of(List.of(parent), libraries, 1)).isNotEqualTo(folder);
        assertThat(LibraryFolder.of(List.of(parent), libraries.subList(0, 1), 0))
                .isNotEqualTo(folder);
    }

    @Test
    void aChangedByteIsFound() throws IOException {
        Path file = fill().resolve(NAME);
        byte[] content = Files.readAllBytes(file);
        for (int at : new int[] {0, 150_000, 299_999}) {
            FileTime time = Files.getLastModifiedTime(file);
            content[at] ^= 16;
            Files.write(file, content);
            Files.setLastModifiedTime(file, time);
            refused(file + " was changed");
            content[at] ^= 16;
        }
        Files.write(file, content);
        fill();
        Files.write(file, new byte[3]);
        refused(file + " was changed");
    }

    @Test
    void aFileThatIsMissingOrALinkOrTooManyIsRefused() throws IOException {
        Path folder = fill();
        Path file = folder.resolve(NAME);
        Path other = folder.resolve("libstdc++.so.6");
        Files.copy(file, other);
        refused(other + " that does not belong");
        Files.delete(other);
        Files.createDirectory(folder.resolve("glibc-hwcaps"));
        refused("glibc-hwcaps that does not belong");
        Files.delete(folder.resolve("glibc-hwcaps"));
        Files.createSymbolicLink(other, temporary.resolve(NAME));
        refused(other + " that does not belong");
        Files.delete(other);
        Files.createSymbolicLink(folder.resolve("libone.so.link"), Path.of(NAME));
        fill();
        Files.delete(file);
        refused(file + " is missing or not a plain file");
        Files.createSymbolicLink(file, temporary.resolve(NAME));
        refused(file + " is missing or not a plain file");
    }

    @Test
    void whatOthersMayWriteIsRefused() throws IOException {
        Path folder = fill();
        for (Path path : List.of(parent, folder, folder.resolve(NAME))) {
            String mode = mode(path);
            for (String wider : List.of("rwxrwx---", "rwx----w-")) {
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(wider));
                refused("Others may write to " + path);
            }
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
        }
        Files.setPosixFilePermissions(parent.getParent(), PosixFilePermissions.fromString("rwxrwxrwx"));
        refused("Others may write to " + parent.getParent().toRealPath());
        Files.setAttribute(parent.getParent(), "unix:mode", 01777);
        fill();
    }

    @Test
    void whatSomebodyElseMadeIsRefused() throws IOException {
        Path folder = fill();
        var nobody = FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName("nobody");
        for (Path path : List.of(parent, folder, folder.resolve(NAME))) {
            var owner = Files.getOwner(path);
            try {
                Files.setOwner(path, nobody);
            } catch (IOException e) {
                System.out.println("only root can give files away, so nobody looks whose they are here: " + e);
                return;
            }
            refused(path + " belongs to nobody");
            Files.setOwner(path, owner);
        }
        fill();
    }

    @Test
    void aLinkInPlaceOfTheFolderIsRefused() throws IOException {
        Path folder = fill();
        Path moved = temporary.resolve("moved");
        Files.move(folder, moved);
        Files.createSymbolicLink(folder, moved);
        refused(folder + " is not a folder");
        Files.delete(folder);
        Files.createFile(folder);
        refused(folder + " is not a folder");
        Files.delete(folder);
        Path all = temporary.resolve("all");
        Files.move(parent, all);
        Files.createSymbolicLink(parent, all);
        refused(parent + " is not a folder");
    }

    @Test
    void whatAKilledProcessLeftIsReplaced() throws IOException {
        String name = String.valueOf(fill().getFileName());
        Path folder = parent.resolve(name);
        Path part = parent.resolve(name + ".part");
        Files.move(folder, part);
        Files.write(part.resolve(NAME), new byte[7]);
        assertThat(fill()).isEqualTo(folder);
        assertThat(part).doesNotExist();
    }

    @Test
    void aDamagedJarIsRefusedAndLeavesNothing() throws IOException {
        Library one = libraries.get(0);
        libraries = List.of(new Library(one.name(), one.file(), one.resource(), one.bytes(), one.crc() ^ 1));
        refused("is damaged");
        try (var files = Files.list(parent)) {
            assertThat(files.map(Path::getFileName).map(Path::toString)).containsExactly(".lock");
        }
    }

    @Test
    void takesTheFirstPlaceThatWorks() throws IOException {
        Path blocked = Files.createFile(temporary.resolve("file")).resolve("fluxion");
        assertThat(LibraryFolder.of(List.of(blocked, parent), libraries, 0).getParent())
                .isEqualTo(parent);
        assertThatThrownBy(() -> LibraryFolder.of(List.of(blocked), libraries, 0))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("file");
    }

    @Test
    void aFullDiskIsTold() throws Exception {
        Path disk = Files.createDirectory(temporary.resolve("disk"));
        if (run("mount", "-t", "tmpfs", "-o", "size=100k,mode=700", "tmpfs", disk.toString()) != 0) {
            System.out.println("only root can make a small disk, so none is filled here");
            return;
        }
        try {
            assertThatThrownBy(() -> LibraryFolder.of(List.of(disk.resolve("fluxion")), libraries, 0))
                    .isInstanceOf(IOException.class)
                    .satisfies(e -> assertThat(Errors.unavailable(e, "Linux", "amd64"))
                            .startsWith("The disk is full")
                            .contains(disk.toString()));
            try (var files = Files.list(disk.resolve("fluxion"))) {
                assertThat(files.map(Path::getFileName).map(Path::toString)).containsExactly(".lock");
            }
        } finally {
            run("umount", disk.toString());
        }
    }

    private static int run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor();
    }

    @Test
    void manyThreadsFillItOnce() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        List<Future<Path>> folders = new ArrayList<>();
        Callable<Path> task = this::fill;
        for (int i = 0; i < 16; i++) {
            folders.add(threads.submit(task));
        }
        for (Future<Path> folder : folders) {
            assertThat(folder.get()).isEqualTo(fill());
        }
        threads.shutdown();
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
