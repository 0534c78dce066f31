package dev.fluxion.shipping;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.NodeList;

/** What lies in the jars: licences, and of native libraries those that are called. */
class JarsTest {
    private static final Pattern LIBRARY =
            Pattern.compile("(?:lib)?([^/.]+)(\\.[0-9.]+)?\\.(so|dylib|dll)(\\.[0-9.]+)?");
    private static final String LICENSES = "META-INF/licenses/";

    static List<Path> jars() {
        return Build.jars();
    }

    @Test
    void all_jars_are_looked_at() {
        assertThat(Build.artifacts())
                .filteredOn(artifact -> artifact.isJar() && !artifact.isPlatform())
                .hasSizeGreaterThan(10)
                .allMatch(artifact -> Files.exists(artifact.jar()), "is packaged before these tests");
        assertThat(Build.artifacts()).anyMatch(artifact -> artifact.isPlatform() && Files.exists(artifact.jar()));
    }

    @Test
    void the_bom_has_them_all() {
        NodeList ids = Xml.of(Build.ROOT.resolve("dsl/bom/pom.xml")).getElementsByTagName("artifactId");
        assertThat(IntStream.range(0, ids.getLength()).mapToObj(i -> ids.item(i).getTextContent()))
                .containsAll(Build.artifacts().stream()
                        .filter(Build.Artifact::isJar)
                        .map(Build.Artifact::id)
                        .toList());
    }

    @ParameterizedTest
    @MethodSource("jars")
    void every_jar_has_licence_and_notice(Path jar) throws IOException {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            assertThat(text(zip, "META-INF/LICENSE")).contains("Apache License");
            assertThat(text(zip, "META-INF/NOTICE")).contains("Fluxion");
        }
    }

    @ParameterizedTest
    @MethodSource("jars")
    void every_native_library_has_its_licences(Path jar) throws IOException {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            for (String library : libraries(zip)) {
                assertThat(licences(zip)).as(jar + " has " + library).containsKey(library);
                for (String file : licences(zip).get(library)) {
                    assertThat(text(zip, LICENSES + file)).as(file).hasSizeGreaterThan(500);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("jars")
    void native_code_is_that_of_one_platform_and_nothing_more(Path jar) throws IOException {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            List<String> files = zip.stream()
                    .map(ZipEntry::getName)
                    .filter(name -> LIBRARY.matcher(name.substring(name.lastIndexOf('/') + 1))
                            .matches())
                    .toList();
            if (!files.isEmpty()) {
                String platform = jar.getParent().getParent().getFileName().toString();
                assertThat(files).allMatch(name -> name.startsWith("dev/fluxion/natives/" + platform + "/"));
                assertThat(libraries(zip))
                        .contains("jnijavacpp", "jniopenblas_nolapack", "jniOpenCL", "jnidnnl", "openblas", "dnnl")
                        .doesNotContain("jniopenblas", "jniopenblas_full");
                assertThat(zip.stream().map(ZipEntry::getName).filter(name -> name.startsWith("dev/fluxion/natives/")))
                        .filteredOn(name -> !name.endsWith("/"))
                        .containsExactlyInAnyOrderElementsOf(files);
            }
        }
    }

    /** Without prefix, version and suffix. */
    private static TreeSet<String> libraries(ZipFile zip) {
        TreeSet<String> names = new TreeSet<>();
        zip.stream().map(ZipEntry::getName).forEach(name -> {
            var match = LIBRARY.matcher(name.substring(name.lastIndexOf('/') + 1));
            if (match.matches()) {
                names.add(match.group(1));
            }
        });
        return names;
    }

    private static Map<String, List<String>> licences(ZipFile zip) throws IOException {
        Map<String, List<String>> licences = new HashMap<>();
        for (String line : text(zip, LICENSES + "THIRD-PARTY.txt").split("\n")) {
            String[] cells = line.split("\\|");
            if (cells.length == 3) {
                licences.put(cells[0].strip(), List.of(cells[2].strip().split(" ")));
            }
        }
        return licences;
    }

    private static String text(ZipFile zip, String name) throws IOException {
        ZipEntry entry = zip.getEntry(name);
        return entry == null ? "" : new String(zip.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8);
    }
}
