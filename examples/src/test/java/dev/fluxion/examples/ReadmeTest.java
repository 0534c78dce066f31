package dev.fluxion.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.dsl.layer.Layers;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.ir.ShapeException;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the README and the pages beside the modules show is true. */
class ReadmeTest {
    private static final int LINES = 350;
    private static final Path ROOT = Path.of("..");
    /** What stands after the fence is the kind of the block. Code from a file is {@code java of} its path. */
    private static final Pattern FENCED =
            Pattern.compile("^```(\\w[^\\n]*)\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);

    private static final String QUOTE = "java of ";
    private static final Pattern LINK = Pattern.compile("\\]\\(([^()\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("^#+ (.*)$", Pattern.MULTILINE);

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
    void the_readme_is_short() {
        assertThat(text.lines().count()).isLessThanOrEqualTo(LINES);
    }

    static Stream<Path> pages() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files
                    .filter(file -> file.toString().endsWith(".md"))
                    .filter(file -> Stream.of("/target/", "/.").noneMatch(("/" + ROOT.relativize(file))::contains))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @Test
    void there_is_a_page_for_each_subject() throws IOException {
        assertThat(pages().map(page -> ROOT.relativize(page).toString()))
                .contains(
                        "PLATFORMS.md",
                        "README.md",
                        "dsl/EXPRESSIONS.md",
                        "dsl/DATA.md",
                        "dsl/INPUTS.md",
                        "dsl/SAVING.md",
                        "dsl/LAYERS.md",
                        "dsl/LOSSES.md",
                        "dsl/METRICS.md",
                        "dsl/OPTIMIZERS.md",
                        "dsl/SERVING.md",
                        "dsl/serving/README.md",
                        "dsl/testing/README.md",
                        "engine/COMPILER.md",
                        "examples/benchmarks/README.md");
    }

    @ParameterizedTest
    @MethodSource("pages")
    void links_lead_somewhere(Path page) {
        String prose = FENCED.matcher(read(page)).replaceAll("");
        assertThat(LINK.matcher(prose).results().map(link -> link.group(1)))
                .filteredOn(link -> !link.startsWith("https://"))
                .allSatisfy(link -> {
                    String[] parts = link.split("#", 2);
                    Path target = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]);
                    assertThat(target).exists();
                    if (parts.length > 1) {
                        assertThat(anchors(target)).contains(parts[1]);
                    }
                });
    }

    /** As GitHub makes them of headings. */
    private static List<String> anchors(Path page) {
        return HEADING.matcher(read(page))
                .results()
                .map(heading -> heading.group(1)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\w\\- ]", "")
                        .replace(' ', '-'))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void the_java_compiles(Path page) throws IOException {
        compile("Tour", read(page), block -> true);
    }

    @ParameterizedTest
    @MethodSource("pages")
    void quoted_code_is_that_of_the_file(Path page) {
        FENCED.matcher(read(page))
                .results()
                .filter(block -> block.group(1).startsWith(QUOTE))
                .forEach(block -> assertThat(read(ROOT.resolve(block.group(1).substring(QUOTE.length()))))
                        .contains(block.group(2)));
    }

    @Test
    void the_evaluation_prints_what_is_shown() throws IOException {
        compile("Evaluations", text, block -> Stream.of("Loss cubic =", "Expr input =")
                .anyMatch(block::contains));

        String printed = Captured.of(() -> run("Evaluations")).out();

        assertThat(text).contains("`" + printed.lines().findFirst().orElseThrow() + "`");
    }

    @Test
    void the_checks_of_gradients_pass() throws IOException {
        compile("Checks", read(ROOT.resolve("dsl/testing/README.md")), block -> true);

        run("Checks");
    }

    /** Code that compiles may still build what does not fit. */
    @ParameterizedTest
    @ValueSource(strings = {"INPUTS", "LAYERS", "OPTIMIZERS"})
    void the_nets_of_pages_are_built_and_trained(String page) throws IOException {
        compile("Nets", read(ROOT.resolve("dsl/" + page + ".md")), block -> true);

        run("Nets");
    }

    @Test
    void the_property_test_is_one_that_runs() {
        String shown = blocks(text, "java property").collect(Collectors.joining());
        String run = read(Path.of("src/test/java/dev/fluxion/examples/CharbonnierTest.java"));

        assertThat("package dev.fluxion.examples;\n\n" + shown).isEqualTo(run);
        assertThat(shown.substring(shown.indexOf("class ")).lines()).hasSizeLessThanOrEqualTo(10);
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
                .extracting(e -> e.getMessage().replaceAll("at \\w+\\.java:\\d+", "at Wrong.java:9"))
                .isEqualTo(shown.strip());
    }

    /** Compiles a class that has the Java of a page in a method; the property test is a file of its own. */
    private void compile(String name, String page, Predicate<String> wanted) throws IOException {
        List<String> java = blocks(page, "java", "java wrong").toList();
        String imports = lines(java.stream()).filter(ReadmeTest::isImport).collect(Collectors.joining("\n"));
        String body = lines(java.stream().filter(wanted))
                .filter(line -> !isImport(line))
                .collect(Collectors.joining("\n"));
        Path source = folder.resolve(name + ".java");
        Files.writeString(
                source,
                imports + "\npublic class " + name + " {\npublic static void run() throws Exception {\n" + body
                        + "\n}}\n");
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

    private void run(String name) {
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            loader.loadClass(name).getMethod("run").invoke(null);
        } catch (ReflectiveOperationException | IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Stream<String> lines(Stream<String> blocks) {
        return blocks.flatMap(String::lines);
    }

    private static boolean isImport(String line) {
        return line.startsWith("import ");
    }

    private List<String> commands(String heading) {
        int start = text.indexOf("\n## " + heading + "\n");
        int end = text.indexOf("\n## ", start + 1);
        return blocks(text.substring(start, end), "sh").map(String::strip).toList();
    }

    /** The blocks of some kinds, which are what stands after the fence. */
    private static Stream<String> blocks(String markdown, String... kinds) {
        return FENCED.matcher(markdown)
                .results()
                .filter(block -> List.of(kinds).contains(block.group(1)))
                .map(block -> block.group(2));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
