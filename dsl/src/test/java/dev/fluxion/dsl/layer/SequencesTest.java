package dev.fluxion.dsl.layer;

import static dev.fluxion.dsl.layer.Layers.embedding;
import static dev.fluxion.dsl.layer.Layers.embeddingBag;
import static dev.fluxion.dsl.layer.Layers.gru;
import static dev.fluxion.dsl.layer.Layers.lstm;
import static dev.fluxion.dsl.layer.Layers.rnn;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Embeddings and recurrent layers are PyTorch's, as recorded by {@code record_sequences.py}: values, last states, and gradients of inputs,
 * first states and parameters. The property {@code fluxion.sequences} names a file with more cases.
 */
class SequencesTest {
    /** Where a state is saturated, 1 − h² is what is left of numbers near 1 in float32. */
    private static final double SHARE = 1e-5;

    private static final double DUST = 1e-6;

    private record Recorded(String name, Map<String, String> options, Map<String, Value> tensors, List<String> ints) {}

    private static List<String> lines() {
        String more = System.getProperty("fluxion.sequences", "");
        try (InputStream in = more.isEmpty()
                ? Objects.requireNonNull(SequencesTest.class.getResourceAsStream("sequences.txt"))
                : Files.newInputStream(Path.of(more))) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Recorded> recorded() {
        List<Recorded> all = new ArrayList<>();
        for (String line : lines()) {
            String[] words = line.split(" ", -1);
            if (words[0].equals("case")) {
                all.add(new Recorded(
                        line.substring(5), new LinkedHashMap<>(), new LinkedHashMap<>(), new ArrayList<>()));
                continue;
            }
            Recorded last = all.get(all.size() - 1);
            if (words[0].equals("layer")) {
                last.options.put("layer", words[1]);
                Arrays.stream(words).skip(2).map(w -> w.split("=", 2)).forEach(w -> last.options.put(w[0], w[1]));
                continue;
            }
            if (words[1].equals("int")) {
                last.ints.add(words[0]);
            }
            int[] dims = Arrays.stream(words[2].split("x", -1))
                    .mapToInt(Integer::parseInt)
                    .toArray();
            double[] data = Arrays.stream(words)
                    .skip(3)
                    .mapToDouble(Double::parseDouble)
                    .toArray();
            last.tensors.put(words[0], new Value(Shape.of(dims), data));
        }
        return all;
    }

    @TestFactory
    Stream<DynamicTest> valuesAndGradientsAreThoseOfPyTorch() {
        return recorded().stream()
                .map(r -> DynamicTest.dynamicTest(r.name, () -> {
                    Map<String, Expr> inputs = new LinkedHashMap<>();
                    for (String name : List.of("x", "h0", "c0", "lengths", "weights")) {
                        Value value = r.tensors.get(name);
                        if (value != null) {
                            DType type = r.ints.contains(name) ? DType.INT : DType.FLOAT;
                            inputs.put(name, Expr.input(name, value.shape(), type));
                        }
                    }
                    Scope scope = Scope.root(true, inputs);
                    Layer layer = layer(r);
                    Map<String, Expr> outputs = new LinkedHashMap<>();
                    outputs.put("y", layer.apply(scope, Objects.requireNonNull(inputs.get("x"))));
                    for (String state : List.of("h", "c")) {
                        if (r.tensors.containsKey(state)) {
                            outputs.put(state, scope.value(state));
                        }
                    }
                    Expr objective = outputs.entrySet().stream()
                            .map(e -> e.getValue()
                                    .mul(Expr.input(
                                            "g" + e.getKey(), e.getValue().shape()))
                                    .sum())
                            .reduce(Expr::add)
                            .orElseThrow();
                    Map<String, Expr> wrt = new LinkedHashMap<>();
                    inputs.forEach((name, e) -> {
                        if (e.dtype() == DType.FLOAT) {
                            wrt.put(name, e);
                        }
                    });
                    scope.parameters().forEach((name, p) -> wrt.put(name, p.expr()));
                    List<Expr> gradients = Gradients.of(objective, List.copyOf(wrt.values()));
                    List<String> names = List.copyOf(wrt.keySet());
                    for (int i = 0; i < names.size(); i++) {
                        outputs.put("d" + names.get(i), gradients.get(i));
                    }
                    assertThat(r.tensors.keySet()).as("nothing is forgotten").containsAll(outputs.keySet());
                    Graph graph = Graph.of(outputs);
                    interpreted(r, graph);
                    compiled(r, graph);
                }));
    }

    private static Layer layer(Recorded r) {
        Map<String, String> o = r.options;
        String kind = option(o, "layer");
        if (kind.startsWith("embedding")) {
            int vocabulary = number(o, "vocabulary");
            String padding = option(o, "padding");
            if (kind.equals("embedding")) {
                Embedding layer = embedding(vocabulary, number(o, "width"));
                return padding.equals("none") ? layer : layer.paddingIndex(Integer.parseInt(padding));
            }
            EmbeddingBag layer = embeddingBag(vocabulary, number(o, "width"));
            layer = padding.equals("none") ? layer : layer.paddingIndex(Integer.parseInt(padding));
            layer = option(o, "mode").equals("sum") ? layer.sum() : layer;
            layer = option(o, "mode").equals("max") ? layer.max() : layer;
            return isSet(o, "weights") ? layer.weights("weights") : layer;
        }
        int in = number(o, "in");
        int hidden = number(o, "hidden");
        Recurrent layer =
                kind.equals("lstm") ? lstm(in, hidden) : kind.equals("gru") ? gru(in, hidden) : rnn(in, hidden);
        layer = isSet(o, "relu") ? layer.relu() : layer;
        layer = layer.layers(number(o, "layers")).bias(isSet(o, "bias"));
        layer = isSet(o, "bidirectional") ? layer.bidirectional() : layer;
        layer = isSet(o, "lengths") ? layer.lengths("lengths") : layer;
        boolean two = kind.equals("lstm");
        layer = two ? layer.states("h", "c") : layer.states("h");
        if (isSet(o, "initial")) {
            layer = two ? layer.initial("h0", "c0") : layer.initial("h0");
        }
        return layer;
    }

    private static String option(Map<String, String> options, String name) {
        return Objects.requireNonNull(options.get(name), name);
    }

    private static int number(Map<String, String> options, String name) {
        return Integer.parseInt(option(options, name));
    }

    private static boolean isSet(Map<String, String> options, String name) {
        return option(options, name).equals("true");
    }

    private static void interpreted(Recorded r, Graph graph) {
        Interpreter interpreter = new Interpreter();
        r.tensors.forEach(interpreter::bind);
        interpreter.run(graph).forEach((name, value) -> same(r, name, value, 1e-11, Float.MIN_NORMAL));
    }

    private static void compiled(Recorded r, Graph graph) {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        for (Expr e : graph.parameters()) {
            String name = ((Leaf.Parameter) e.op()).name();
            weights.put(name, Tensor.of(tensor(r, name)));
        }
        try (Parameters parameters = Parameters.of(weights);
                Program program = Compiler.compile(graph, parameters, new Options(1))) {
            for (Expr e : graph.inputs()) {
                Leaf.Input input = (Leaf.Input) e.op();
                Value value = tensor(r, input.name());
                program.write(
                        input.name(),
                        input.type() == DType.FLOAT
                                ? Tensor.of(value)
                                : Tensor.of(
                                        Arrays.stream(value.data())
                                                .mapToInt(x -> (int) x)
                                                .toArray(),
                                        value.shape()));
            }
            program.run();
            program.run();
            graph.stages()
                    .get(0)
                    .outputs()
                    .keySet()
                    .forEach(name -> same(r, name, program.read(name).toValue(), SHARE, DUST));
        }
    }

    private static Value tensor(Recorded r, String name) {
        return Objects.requireNonNull(r.tensors.get(name), name);
    }

    /** Equal within a share of the largest element, and what cancellation leaves. */
    private static void same(Recorded r, String name, Value actual, double share, double dust) {
        double[] expected = tensor(r, name).data();
        assertThat(actual.shape()).as(name).isEqualTo(tensor(r, name).shape());
        double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual.data()[i])
                    .as("%s, %s %d", r.name, name, i)
                    .isCloseTo(expected[i], within(share * largest + dust));
        }
    }
}
