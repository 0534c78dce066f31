package dev.fluxion.dsl.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Layer;
import dev.fluxion.Scope;
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
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Value;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What PyTorch computed in double precision: the layer's output {@code y} for its input {@code x} and other named inputs, and the
 * gradients of Σ y·g, whose names begin with d.
 *
 * @param name the name of the case
 * @param settings what the script was told
 * @param tensors all tensors by name
 */
record Recorded(String name, Map<String, String> settings, Map<String, Value> tensors) {
    /** The cases of a resource beside the tests. */
    static List<Recorded> read(String resource) {
        return parse(lines(resource));
    }

    /** The lines of a resource beside the tests but for comments. */
    static List<String> lines(String resource) {
        try (InputStream in = Objects.requireNonNull(Recorded.class.getResourceAsStream(resource), resource)) {
            return lines(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> lines(byte[] text) {
        return new String(text, StandardCharsets.US_ASCII)
                .lines()
                .filter(line -> !line.startsWith("#"))
                .toList();
    }

    /** The cases of a file. */
    static List<Recorded> read(Path file) throws IOException {
        return parse(lines(Files.readAllBytes(file)));
    }

    private static List<Recorded> parse(List<String> lines) {
        List<Recorded> all = new ArrayList<>();
        for (String line : lines) {
            String[] words = line.split(" ", -1);
            if (words[0].equals("case")) {
                all.add(new Recorded(line.substring(5), new LinkedHashMap<>(), new LinkedHashMap<>()));
                continue;
            }
            Recorded last = all.get(all.size() - 1);
            if (words[0].equals("settings")) {
                Arrays.stream(words).skip(1).forEach(word -> {
                    String[] pair = word.split("=", -1);
                    last.settings.put(pair[0], pair[1]);
                });
            } else {
                double[] data = Arrays.stream(words)
                        .skip(2)
                        .mapToDouble(Double::parseDouble)
                        .toArray();
                int[] dims = Arrays.stream(words[1].split("x", -1))
                        .mapToInt(Integer::parseInt)
                        .toArray();
                last.tensors.put(words[0], new Value(Shape.of(dims), data));
            }
        }
        return all;
    }

    int number(String setting) {
        return Integer.parseInt(text(setting));
    }

    boolean is(String setting) {
        return Boolean.parseBoolean(text(setting));
    }

    String text(String setting) {
        return Objects.requireNonNull(settings.get(setting), setting);
    }

    private Expr input(String key) {
        boolean integers = key.equals("padding") && text(key).equals("int");
        return new Expr(
                new Leaf.Input(key, tensor(key).shape(), integers ? DType.INT : DType.FLOAT, !integers), List.of());
    }

    private Value tensor(String key) {
        return Objects.requireNonNull(tensors.get(key), key);
    }

    /** Requires that the interpreter gives the recorded tensors, within a share of their largest elements. */
    void interpret(Layer layer, double share) {
        Interpreter interpreter = new Interpreter();
        tensors.forEach(interpreter::bind);
        interpreter
                .run(graph(layer, Scope.root(true, inputs())))
                .forEach((key, value) -> same("interpreted", key, value, share));
    }

    /** Requires that a compiled program gives the recorded tensors, within a share of their largest elements. */
    void compile(Layer layer, double share) {
        Scope scope = Scope.root(true, inputs());
        Graph graph = graph(layer, scope);
        Map<String, Tensor> weights = new LinkedHashMap<>();
        scope.parameters().keySet().forEach(key -> weights.put(key, Tensor.of(tensor(key))));
        try (Parameters parameters = Parameters.of(weights);
                Program program = Compiler.compile(graph, parameters, new Options(1))) {
            for (Expr input : graph.inputs()) {
                String key = ((Leaf.Input) input.op()).name();
                program.write(key, input.dtype() == DType.INT ? integers(tensor(key)) : Tensor.of(tensor(key)));
            }
            program.run();
            for (String key : graph.stages().get(0).outputs().keySet()) {
                same("compiled", key, program.read(key).toValue(), share);
            }
        }
    }

    private Map<String, Expr> inputs() {
        Map<String, Expr> all = new LinkedHashMap<>();
        for (String input : List.of("x", "memory", "padding", "mask")) {
            if (tensors.containsKey(input)) {
                all.put(input, input(input));
            }
        }
        return all;
    }

    /** The output, and the gradients of all that have one, as far as they are recorded. */
    private Graph graph(Layer layer, Scope scope) {
        Expr y = layer.apply(scope, scope.value("x"));
        Map<String, Expr> leaves = new LinkedHashMap<>();
        for (String input : List.of("x", "memory")) {
            if (tensors.containsKey(input)) {
                leaves.put(input, scope.value(input));
            }
        }
        scope.parameters().forEach((key, parameter) -> leaves.put(key, parameter.expr()));
        Expr objective = y.mul(Expr.input("g", y.shape())).sum();
        List<Expr> gradients = Gradients.of(objective, List.copyOf(leaves.values()));
        Map<String, Expr> outputs = new LinkedHashMap<>(Map.of("y", y));
        List<String> keys = List.copyOf(leaves.keySet());
        for (int i = 0; i < keys.size(); i++) {
            if (tensors.containsKey("d" + keys.get(i))) {
                outputs.put("d" + keys.get(i), gradients.get(i));
            }
        }
        return Graph.of(outputs);
    }

    private static Tensor integers(Value value) {
        return Tensor.of(Arrays.stream(value.data()).mapToInt(x -> (int) x).toArray(), value.shape());
    }

    /** Equal within a share of the largest element; the sum of a softmax's gradient is 0 but for rounding. */
    private void same(String how, String key, Value actual, double share) {
        double[] expected = tensor(key).data();
        double largest = Arrays.stream(expected)
                .map(Math::abs)
                .filter(Double::isFinite)
                .max()
                .orElse(0);
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual.data()[i])
                    .as("%s, %s, %s %d", name, how, key, i)
                    .isCloseTo(expected[i], within(share * Math.max(1, largest)));
        }
    }
}
