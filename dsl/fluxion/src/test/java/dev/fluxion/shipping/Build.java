package dev.fluxion.shipping;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/** What this build makes, before anybody publishes it. */
final class Build {
    static final Path ROOT = Path.of("..", "..").toAbsolutePath().normalize();
    static final String VERSION = System.getProperty("fluxion.version");
    static final List<String> PLATFORMS =
            List.of("linux-x86_64", "linux-arm64", "macosx-arm64", "macosx-x86_64", "windows-x86_64");

    private Build() {}

    /** One artifact: what its pom calls it, and its jar, which need not have been made. */
    record Artifact(String id, Path pom, Path jar) {
        static Artifact in(String folder) {
            Path pom = ROOT.resolve(folder).resolve("pom.xml");
            String id = child(Xml.of(pom), "artifactId").orElseThrow();
            return new Artifact(id, pom, pom.resolveSibling("target").resolve(id + "-" + VERSION + ".jar"));
        }

        /** Whether it has classes, or native code. */
        boolean isJar() {
            return child(Xml.of(pom), "packaging").filter("pom"::equals).isEmpty();
        }

        boolean isPlatform() {
            return PLATFORMS.contains(id.replace("fluxion-", ""));
        }

        private static Optional<String> child(Document pom, String name) {
            for (Node node = pom.getDocumentElement().getFirstChild(); node != null; node = node.getNextSibling()) {
                if (node instanceof Element && node.getNodeName().equals(name)) {
                    return Optional.of(node.getTextContent().strip());
                }
            }
            return Optional.empty();
        }
    }

    /** All that is published: the modules of the build but for the examples. */
    static List<Artifact> artifacts() {
        return folders("")
                .filter(folder -> !folder.startsWith("examples"))
                .distinct()
                .map(Artifact::in)
                .toList();
    }

    private static Stream<String> folders(String folder) {
        Document pom = Xml.of(ROOT.resolve(folder).resolve("pom.xml"));
        NodeList modules = pom.getElementsByTagName("module");
        Stream<String> below = IntStream.range(0, modules.getLength())
                .mapToObj(i -> modules.item(i).getTextContent().strip())
                .flatMap(module -> folders(folder.isEmpty() ? module : folder + "/" + module));
        return Stream.concat(Stream.of(folder), below);
    }

    static List<Path> jars() {
        return artifacts().stream().map(Artifact::jar).filter(Files::exists).toList();
    }

    /**
     * A local repository into which the build is installed. Whatever else Maven wants is that of the user's, to which a link
     * leads, and comes there when it is missing.
     */
    static Path install(Path repository) throws IOException {
        Path users = Path.of(System.getProperty("fluxion.repository"));
        link(users, repository, "dev");
        if (Files.isDirectory(users.resolve("dev"))) {
            link(users.resolve("dev"), repository.resolve("dev"), "fluxion");
        }
        for (Artifact artifact : artifacts()) {
            Path folder = Files.createDirectories(
                    repository.resolve("dev/fluxion").resolve(artifact.id()).resolve(VERSION));
            String name = artifact.id() + "-" + VERSION;
            Files.copy(artifact.pom(), folder.resolve(name + ".pom"), StandardCopyOption.REPLACE_EXISTING);
            if (Files.exists(artifact.jar())) {
                Files.copy(artifact.jar(), folder.resolve(name + ".jar"), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        return repository;
    }

    private static void link(Path from, Path to, String except) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> entries = Files.list(from)) {
            for (Path entry : entries.toList()) {
                if (!entry.endsWith(except)) {
                    Files.createSymbolicLink(to.resolve(entry.getFileName()), entry.toRealPath());
                }
            }
        }
    }
}
