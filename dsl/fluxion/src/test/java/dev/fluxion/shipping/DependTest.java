package dev.fluxion.shipping;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** A program of somebody else's that depends on the build as the README says. */
class DependTest {
    @TempDir
    private static Path folder;

    private static Path repository;

    @BeforeAll
    static void install() throws IOException {
        repository = Build.install(folder.resolve("repository"));
        Files.writeString(folder.resolve("pom.xml"), block("xml"));
        Path sources = Files.createDirectories(folder.resolve("src/main/java"));
        Files.writeString(sources.resolve("Hello.java"), block("java program"));
    }

    @Test
    void the_pom_of_the_readme_builds_and_runs() throws Exception {
        Command.Result result = Command.maven(folder, repository, "compile", "exec:java");

        assertThat(result.status()).as(result.output()).isZero();
        assertThat(result.output()).contains("1×2");
    }

    /** Every platform is brought by the machine, by its name, and by all. */
    @Test
    void each_platform_has_its_profiles() {
        NodeList profiles =
                Xml.of(Build.ROOT.resolve("engine/platforms/pom.xml")).getElementsByTagName("profile");
        for (String platform : Build.PLATFORMS) {
            assertThat(brought(profiles, "here-" + platform)).containsExactly("fluxion-" + platform);
            assertThat(brought(profiles, platform)).containsExactly("fluxion-" + platform);
        }
        assertThat(brought(profiles, "all"))
                .containsExactlyElementsOf(
                        Build.PLATFORMS.stream().map(p -> "fluxion-" + p).toList());
    }

    private static List<String> brought(NodeList profiles, String id) {
        for (int i = 0; i < profiles.getLength(); i++) {
            Element profile = (Element) profiles.item(i);
            if (texts(profile, "id").equals(List.of(id))) {
                return texts(profile, "artifactId");
            }
        }
        return List.of();
    }

    private static List<String> texts(Element in, String name) {
        NodeList found = in.getElementsByTagName(name);
        return IntStream.range(0, found.getLength())
                .mapToObj(i -> found.item(i).getTextContent().strip())
                .toList();
    }

    private static String block(String kind) throws IOException {
        String readme = Files.readString(Build.ROOT.resolve("README.md"));
        int start = readme.indexOf("```" + kind + "\n") + kind.length() + 4;
        return readme.substring(start, readme.indexOf("```\n", start));
    }
}
