package dev.fluxion.shipping;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The same program as a class path, a fat jar, a module and an image, on this JDK and on a newer one where that is there. */
class JvmsTest {
    private static final Pattern NEEDED = Pattern.compile(
            "(fluxion-(native|api|engine|dsl|linux|macosx|windows)[-_].*|javacpp-.*|openblas-.*|dnnl-.*|opencl-.*|slf4j-.*|jspecify-.*)\\.jar");
    private static final String NATIVE = "--enable-native-access=";
    private static final String BINDINGS =
            "org.bytedeco.javacpp,org.bytedeco.openblas,org.bytedeco.opencl,org.bytedeco.dnnl";

    @TempDir
    private static Path folder;

    private static List<Path> jars;
    private static Path program;

    @BeforeAll
    static void compile() throws IOException {
        jars = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .filter(path -> NEEDED.matcher(path.getFileName().toString()).matches())
                .toList();
        program = Files.createDirectories(folder.resolve("program"));
        Path source = folder.resolve("src/hello/Trains.java");
        Files.createDirectories(source.getParent());
        Files.writeString(
                source,
                Files.readString(Path.of("src/test/java/dev/fluxion/shipping/Trains.java"))
                        .replace("package dev.fluxion.shipping;", "package hello;"));
        Path module = folder.resolve("src/module-info.java");
        Files.writeString(module, "module hello { requires dev.fluxion.dsl; }");
        String javac = "-proc:none -d " + program + " -p " + path() + " " + module + " " + source;
        assertThat(tool("javac", javac.split(" "))).isZero();
    }

    private static int tool(String name, String... arguments) {
        return ToolProvider.findFirst(name).orElseThrow().run(System.out, System.err, arguments);
    }

    private static String path(Path... more) {
        return Stream.concat(jars.stream(), Stream.of(more))
                .map(Path::toString)
                .collect(Collectors.joining(File.pathSeparator));
    }

    static Stream<Path> jdks() {
        Optional<String> newer = Optional.ofNullable(System.getProperty("fluxion.jdk", System.getenv("FLUXION_JDK")));
        return Stream.concat(
                Stream.of(Path.of(System.getProperty("java.home"))),
                newer.filter(home -> !home.isEmpty()).map(Path::of).stream());
    }

    /** Nothing but the program prints anything: no warning of the JVM, no log. */
    @ParameterizedTest
    @MethodSource("jdks")
    void a_class_path_runs(Path jdk) throws Exception {
        assertThat(Command.java(jdk, List.of(NATIVE + "ALL-UNNAMED", "-cp", path(program), "hello.Trains")))
                .isEqualTo(new Command.Result(0, "trained"));
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void a_module_path_runs(Path jdk) throws Exception {
        assertThat(Command.java(jdk, List.of(NATIVE + BINDINGS, "-p", path(program), "-m", "hello/hello.Trains")))
                .isEqualTo(new Command.Result(0, "trained"));
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void a_fat_jar_runs(Path jdk) throws Exception {
        assertThat(Command.java(jdk, List.of("-jar", fatJar().toString()))).isEqualTo(new Command.Result(0, "trained"));
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void denied_native_access_is_told(Path jdk) throws Exception {
        if (version(jdk) >= 24) {
            assertThat(Command.java(jdk, List.of("--illegal-native-access=deny", "-cp", path(program), "hello.Trains"))
                            .output())
                    .contains("Java denies native access")
                    .contains("start it with --enable-native-access=ALL-UNNAMED");
        }
    }

    private static int version(Path jdk) throws Exception {
        String told = Command.java(jdk, List.of("-version")).output();
        return Integer.parseInt(told.replaceAll("(?s)^.*? version \"(\\d+).*$", "$1"));
    }

    @Test
    void an_image_runs() throws Exception {
        Path image = folder.resolve("image");
        assertThat(tool(
                        "jlink",
                        "-p",
                        path(program),
                        "--add-modules",
                        "hello,org.slf4j.simple",
                        "--output",
                        image.toString()))
                .isZero();
        assertThat(Command.java(image, List.of("-m", "hello/hello.Trains")))
                .isEqualTo(new Command.Result(0, "trained"));
    }

    /** All jars in one, unpacked and packed anew. */
    private static Path fatJar() throws IOException {
        Path fat = folder.resolve("fat.jar");
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, "hello.Trains");
        manifest.getMainAttributes().put(new Attributes.Name("Enable-Native-Access"), "ALL-UNNAMED");
        Set<String> taken = new HashSet<>(Set.of("META-INF/MANIFEST.MF"));
        try (JarOutputStream to = new JarOutputStream(Files.newOutputStream(fat), manifest)) {
            to.setLevel(Deflater.BEST_SPEED);
            for (Path jar : jars) {
                try (ZipFile zip = new ZipFile(jar.toFile())) {
                    for (ZipEntry entry : new ArrayList<>(zip.stream().toList())) {
                        add(to, taken, entry.getName(), zip.getInputStream(entry));
                    }
                }
            }
            add(to, taken, "hello/Trains.class", Files.newInputStream(program.resolve("hello/Trains.class")));
        }
        return fat;
    }

    private static void add(JarOutputStream to, Set<String> taken, String name, InputStream content)
            throws IOException {
        try (content) {
            if (!name.endsWith("module-info.class") && taken.add(name)) {
                to.putNextEntry(new ZipEntry(name));
                content.transferTo((OutputStream) to);
                to.closeEntry();
            }
        }
    }
}
