package dev.fluxion.ffi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How a fresh process comes to its native libraries, and what it says if it cannot. */
class LoadingTest {
    @TempDir
    Path temporary;

    /** Whatever is called first, no thread of the caller's needs the stack that oneDNN wants. */
    @ParameterizedTest
    @EnumSource(First.class)
    void loadsOnSmallStacks(First first) throws Exception {
        assertThat(Child.run(List.of("-Xss180k"), Small.class, first.name()))
                .isEqualTo(new Child.Result(0, first + " works"));
    }

    enum First {
        LOAD(() -> NativeLibrary.versions().size()),
        POINTERS(NativeLibrary::registeredPointers),
        MEMORY(() -> Memory.allocate(8).address()),
        LAYOUT(() -> Layout.plain(2, 3).bytes()),
        THREADS(Threads::current),
        BLAS_THREADS(() -> {
            Threads.blas(2);
            return Threads.blas();
        });

        private final Callable<? extends Number> call;

        First(Callable<? extends Number> call) {
            this.call = call;
        }
    }

    static final class Small {
        public static void main(String[] args) throws Exception {
            First first = First.valueOf(args[0]);
            first.call.call();
            System.out.println(first + " works");
        }
    }

    /** Several processes unpack at once; JavaCPP itself unpacks nothing; what fails once can be tried again. */
    @Test
    void onlyWhatTheClassPathHasIsLoaded() throws Exception {
        List<String> options = List.of("-Dorg.bytedeco.javacpp.cachedir=" + temporary, "-Duser.home=" + temporary);
        List<Process> processes = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            processes.add(Child.start(options, Loads.class, temporary.toString()));
        }
        for (Process process : processes) {
            assertThat(Child.finish(process)).isEqualTo(new Child.Result(0, "works"));
        }
        try (Stream<Path> files = Files.list(temporary)) {
            assertThat(files.map(Path::getFileName).map(Path::toString))
                    .containsExactly("fluxion-" + System.getProperty("user.name"));
        }
        assertThat(Child.run(options, Loads.class, temporary.toString(), "change")
                        .output())
                .contains("libjnidnnl.so was changed: it is not what the class path has; nothing was loaded")
                .endsWith("works");
    }

    /** Loads; if asked to, with a changed library first, then with the right one. */
    static final class Loads {
        public static void main(String[] args) throws IOException {
            if (args.length > 1) {
                flip(args[0]);
                try {
                    NativeLibrary.load();
                } catch (NativeUnavailableException e) {
                    System.out.println(e.getMessage());
                }
                flip(args[0]);
            }
            NativeLibrary.load();
            Threads.current(1);
            Threads.blas(1);
            boolean ours = Loader.getLoadedLibraries().values().stream().allMatch(file -> file.startsWith(args[0]));
            System.out.println(ours ? "works" : "loaded " + Loader.getLoadedLibraries());
        }

        private static void flip(String temporary) throws IOException {
            try (Stream<Path> files = Files.walk(Path.of(temporary))) {
                Path file = files.filter(f -> f.endsWith("libjnidnnl.so"))
                        .findFirst()
                        .orElseThrow();
                FileTime time = Files.getLastModifiedTime(file);
                try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
                    bytes.seek(1_000_000);
                    int was = bytes.read();
                    bytes.seek(1_000_000);
                    bytes.write(was ^ 1);
                }
                Files.setLastModifiedTime(file, time);
            }
        }
    }

    /** A home where everybody may write is passed over; what somebody prepared among temporary files is refused. */
    @Test
    void noFolderOfOthersIsUsed() throws Exception {
        Path home = Files.createDirectory(temporary.resolve("home"));
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxrwxrwx"));
        Path planted = Files.createDirectory(temporary.resolve("fluxion-" + System.getProperty("user.name")));
        Files.setPosixFilePermissions(planted, PosixFilePermissions.fromString("rwxrwxrwx"));
        Child.Result result = Child.run(
                List.of("-Duser.home=" + home, "-Djava.io.tmpdir=" + temporary), ProcessTest.Unavailable.class);
        assertThat(result.output()).startsWith("Others may write to " + planted);
    }

    @Test
    void twoClassLoadersLoadEach() throws Exception {
        Child.Result result =
                Child.run(List.of("-Dorg.bytedeco.javacpp.cachedir=" + temporary), Twice.class, Child.classPath());
        assertThat(result.status()).isZero();
        assertThat(result.output()).containsOnlyOnce(Errors.loadedAgain()).endsWith("24 24");
    }

    static final class Twice {
        public static void main(String[] args) throws Exception {
            URL[] urls =
                    Stream.of(args[0].split(File.pathSeparator)).map(Twice::url).toArray(URL[]::new);
            List<String> results = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                @SuppressWarnings("resource") // open as long as its classes are used
                ClassLoader loader = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
                Class<?> layout = loader.loadClass("dev.fluxion.ffi.Layout");
                Object plain = layout.getMethod("plain", long[].class).invoke(null, new long[] {2, 3});
                results.add(String.valueOf(layout.getMethod("bytes").invoke(plain)));
            }
            System.out.println(String.join(" ", results));
        }

        private static URL url(String path) {
            try {
                return new File(path).toURI().toURL();
            } catch (MalformedURLException e) {
                throw new IllegalArgumentException(e);
            }
        }
    }
}
