package dev.fluxion.dsl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Tensor;
import dev.fluxion.engine.Compiler;
import dev.fluxion.engine.Options;
import dev.fluxion.engine.Parameters;
import dev.fluxion.engine.Program;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Value;
import dev.fluxion.ir.fn.Creation;
import dev.fluxion.ir.fn.Matrices;
import dev.fluxion.ir.fn.Reductions;
import dev.fluxion.ir.fn.Scans;
import dev.fluxion.ir.fn.Scatter;
import dev.fluxion.ir.fn.Selection;
import dev.fluxion.ir.fn.Sorting;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.lang.reflect.Modifier;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each row of the page on expressions is compiled as it stands there, and is what PyTorch makes of its left column, as recorded by
 * {@code record_expressions.py}: results and gradients, interpreted and compiled. The property {@code fluxion.expressions} names a file
 * with other numbers.
 */
class ExpressionsPageTest {
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(.+?)` \\| `(.+?)` \\|$");
    private static final List<Class<?>> FAMILIES = List.of(
            Reductions.class,
            Scans.class,
            Sorting.class,
            Selection.class,
            Scatter.class,
            Creation.class,
            Matrices.class);

    private final String page = Files.readString(Path.of("EXPRESSIONS.md"));

    @TempDir
    private Path folder;

    ExpressionsPageTest() throws IOException {}

    /** A tensor, or what a row makes. */
    private record Recorded(DType type, Value value) {
        static Recorded of(String... words) {
            int[] dims = words[2].equals("scalar")
                    ? new int[0]
                    : Arrays.stream(words[2].split("x", -1))
                            .mapToInt(Integer::parseInt)
                            .toArray();
            double[] data = Arrays.stream(words)
                    .skip(3)
                    .filter(word -> !word.isEmpty())
                    .mapToDouble(Double::parseDouble)
                    .toArray();
            return new Recorded(words[1].equals("int") ? DType.INT : DType.FLOAT, new Value(Shape.of(dims), data));
        }

        Tensor tensor() {
            return type == DType.FLOAT
                    ? Tensor.of(value)
                    : Tensor.of(
                            Arrays.stream(value.data()).mapToInt(x -> (int) x).toArray(), value.shape());
        }
    }

    /** What is before the first row, and the rows, by their names. */
    private static Map<String, Map<String, Recorded>> recorded() throws IOException {
        Map<String, Map<String, Recorded>> all = new LinkedHashMap<>(Map.of("", new LinkedHashMap<>()));
        String row = "";
        String more = System.getProperty("fluxion.expressions");
        try (InputStream in = more == null
                ? Objects.requireNonNull(ExpressionsPageTest.class.getResourceAsStream("expressions.txt"))
                : Files.newInputStream(Path.of(more))) {
            String text = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
            for (String line : text.lines().filter(l -> !l.startsWith("#")).toList()) {
                if (line.startsWith("row ")) {
                    row = line.substring(4);
                    all.put(row, new LinkedHashMap<>());
                } else {
                    String[] words = line.split(" ", -1);
                    Objects.requireNonNull(all.get(row)).put(words[0], Recorded.of(words));
                }
            }
        }
        return all;
    }

    @Test
    void everyRowIsWhatPyTorchMakes() throws Exception {
        Map<String, Map<String, Recorded>> recorded = recorded();
        Map<String, Recorded> given = Objects.requireNonNull(recorded.remove(""));
        Map<String, String> rows = new LinkedHashMap<>();
        ROW.matcher(page).results().forEach(row -> rows.put(row.group(1), row.group(2)));
        assertThat(rows.keySet()).as("recorded rows").containsExactlyElementsOf(recorded.keySet());
        Map<String, Expr> leaves = new LinkedHashMap<>();
        given.forEach((name, tensor) -> leaves.put(name, Expr.input(name, tensor.value.shape(), tensor.type)));
        Map<String, Recorded> expected = new LinkedHashMap<>();
        Function<Map<String, Expr>, List<Expr>> code = compiled(List.copyOf(rows.values()), leaves.keySet());
        Map<String, Expr> outputs = outputs(code, leaves, recorded, expected);
        Interpreter interpreter = new Interpreter();
        given.forEach((name, tensor) -> interpreter.bind(name, tensor.value));
        interpreter.run(Graph.of(outputs)).forEach((name, value) -> same("interpreted", name, expected, value, 1e-11));
        try (Parameters none = Parameters.of(Map.of());
                Program program = Compiler.compile(Graph.of(outputs), none, new Options(2))) {
            given.keySet().stream()
                    .filter(program::reads)
                    .forEach(name -> program.write(
                            name, Objects.requireNonNull(given.get(name)).tensor()));
            program.run();
            outputs.keySet()
                    .forEach(name ->
                            same("compiled", name, expected, program.read(name).toValue(), 2e-5));
        }
    }

    /** All results and gradients, and what is expected of them. */
    private static Map<String, Expr> outputs(
            Function<Map<String, Expr>, List<Expr>> code,
            Map<String, Expr> leaves,
            Map<String, Map<String, Recorded>> recorded,
            Map<String, Recorded> expected) {
        Map<String, Expr> outputs = new LinkedHashMap<>();
        List<Expr> results = code.apply(leaves);
        List<String> rows = List.copyOf(recorded.keySet());
        for (int i = 0; i < rows.size(); i++) {
            add(
                    rows.get(i),
                    results.get(i),
                    leaves,
                    Objects.requireNonNull(recorded.get(rows.get(i))),
                    outputs,
                    expected);
        }
        return outputs;
    }

    /** The outputs of a row, the result and what has a gradient, and what is expected of them. */
    private static void add(
            String row,
            Expr result,
            Map<String, Expr> leaves,
            Map<String, Recorded> recorded,
            Map<String, Expr> outputs,
            Map<String, Recorded> expected) {
        Recorded own = Objects.requireNonNull(recorded.get("result"));
        assertThat(result.dtype()).as(row).isEqualTo(own.type);
        outputs.put(row, result);
        expected.put(row, own);
        List<String> names = leaves.keySet().stream()
                .filter(name -> recorded.containsKey("d" + name))
                .toList();
        if (names.isEmpty()) {
            return;
        }
        int[] places = IntStream.range(0, result.shape().size()).toArray();
        Tensor weights = Tensor.zeros(result.shape().size());
        for (int place : places) {
            weights.floats()[place] = (place * 37 % 17 - 8) / 8f;
        }
        Expr objective =
                result.mul(Expr.constant(weights).reshape(result.shape())).sum();
        List<Expr> gradients = Gradients.of(
                objective,
                names.stream()
                        .map(name -> Objects.requireNonNull(leaves.get(name)))
                        .toList());
        for (int i = 0; i < names.size(); i++) {
            String name = row + " by " + names.get(i);
            outputs.put(name, gradients.get(i));
            expected.put(name, Objects.requireNonNull(recorded.get("d" + names.get(i))));
        }
    }

    private static void same(String how, String name, Map<String, Recorded> expected, Value actual, double tolerance) {
        Value right = Objects.requireNonNull(expected.get(name)).value;
        assertThat(actual.shape()).as("%s, %s", name, how).isEqualTo(right.shape());
        for (int i = 0; i < right.data().length; i++) {
            double size = Math.max(1, Math.abs(right.data()[i]));
            assertThat(actual.data()[i])
                    .as("%s, %s %d", name, how, i)
                    .isCloseTo(right.data()[i], within(tolerance * (Double.isFinite(size) ? size : 1)));
        }
    }

    /** The code of the rows, which makes expressions of leaves. */
    @SuppressWarnings("unchecked")
    private Function<Map<String, Expr>, List<Expr>> compiled(List<String> rows, Set<String> leaves) throws Exception {
        String parameters = leaves.stream()
                .map(name -> "Expr " + name + " = leaves.get(\"" + name + "\");")
                .collect(Collectors.joining("\n"));
        String source = "import dev.fluxion.ir.*;\nimport dev.fluxion.ir.fn.*;\nimport java.util.*;\n"
                + "public class Rows implements java.util.function.Function<Map<String, Expr>, List<Expr>> {\n"
                + "public List<Expr> apply(Map<String, Expr> leaves) {\n" + parameters + "\nreturn List.of("
                + String.join(",\n", rows) + ");\n}}\n";
        Path file = Files.writeString(folder.resolve("Rows.java"), source);
        StringWriter problems = new StringWriter();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<String> options = List.of("-proc:none", "-d", folder.toString());
        try (var files = compiler.getStandardFileManager(null, null, null)) {
            assertThat(compiler.getTask(problems, files, null, options, null, files.getJavaFileObjects(file))
                            .call())
                    .as(problems.toString())
                    .isTrue();
        }
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            Object made = loader.loadClass("Rows").getConstructor().newInstance();
            return (Function<Map<String, Expr>, List<Expr>>) made;
        }
    }

    /** Whoever adds a function adds a row. */
    @Test
    void everyFunctionHasARow() {
        Stream<String> functions = FAMILIES.stream().flatMap(family -> Arrays.stream(family.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()))
                .map(method -> family.getSimpleName() + "." + method.getName() + "("));
        assertThat(functions.distinct()).hasSizeGreaterThan(25).allSatisfy(call -> assertThat(page)
                .contains("`" + call));
    }
}
