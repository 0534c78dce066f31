package dev.fluxion.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.dsl.Layers;
import dev.fluxion.dsl.Model;
import dev.fluxion.dsl.Seq;
import dev.fluxion.ir.ShapeException;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README shows is true. */
class ReadmeTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern FENCED =
            Pattern.compile("^```(\\w+)( \\w+)?\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);

    private final String text = read(ROOT.resolve("README.md"));

    @TempDir
    private Path folder;

    @Test
    void the_test_command_is_what_ci_runs() {
        assertThat(commands("Test it")).containsExactly("mvn -B -ntp verify");
        assertThat(read(ROOT.resolve(".ci/run")))
                .contains("exec " + commands("Test it").get(0) + "\n");
    }

    @Test
    void the_run_command_is_one_line() {
        assertThat(commands("Run it"))
                .containsExactly("mvn -q -ntp -DskipTests package && java -jar examples/target/fluxion-examples.jar");
    }

    @Test
    void the_java_compiles() throws IOException {
        String java = blocks(text, "java").collect(Collectors.joining());
        String imports = java.lines().filter(line -> line.startsWith("import ")).collect(Collectors.joining("\n"));
        String body = java.lines().filter(line -> !line.startsWith("import ")).collect(Collectors.joining("\n"));
        Path source = folder.resolve("Tour.java");
        Files.writeString(
                source, imports + "\nclass Tour {\nstatic void tour() throws Exception {\n" + body + "\n}}\n");
        StringWriter problems = new StringWriter();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<String> options = List.of("-proc:none", "-d", folder.toString());

        boolean compiled;
        try (var files = compiler.getStandardFileManager(null, null, null)) {
            compiled = compiler.getTask(problems, files, null, options, null, files.getJavaFileObjects(source))
                    .call();
        }

        assertThat(compiled).as(problems.toString()).isTrue();
    }

    @Test
    void the_message_about_shapes_is_the_real_one() {
        String shown = blocks(text, "text")
                .filter(block -> block.contains("did you mean"))
                .findFirst()
                .orElseThrow();

        assertThatThrownBy(() -> Model.of(
                        Seq.of(
                                Layers.conv(3, 16, 5).pad(2),
                                Layers.maxPool(2),
                                Layers.conv(32, 64, 5).pad(2)),
                        3,
                        32,
                        32))
                .isInstanceOf(ShapeException.class)
                .extracting(e -> e.getMessage().replaceAll("at \\w+\\.java:\\d+", "at Wrong.java:12"))
                .isEqualTo(shown.strip());
    }

    private List<String> commands(String heading) {
        int start = text.indexOf("\n## " + heading + "\n");
        int end = text.indexOf("\n## ", start + 1);
        return blocks(text.substring(start, end), "sh").map(String::strip).toList();
    }

    private static Stream<String> blocks(String markdown, String language) {
        return FENCED.matcher(markdown)
                .results()
                .filter(block -> block.group(1).equals(language))
                .map(block -> block.group(3));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
