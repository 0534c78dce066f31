package dev.fluxion.dsl.layer;

import static dev.fluxion.dsl.layer.Layers.batchNorm;
import static dev.fluxion.dsl.layer.Layers.groupNorm;
import static dev.fluxion.dsl.layer.Layers.instanceNorm;
import static dev.fluxion.dsl.layer.Layers.rmsNorm;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Layer;
import dev.fluxion.Scope;
import dev.fluxion.Tensor;
import dev.fluxion.engine.Compiler;
import dev.fluxion.engine.Options;
import dev.fluxion.engine.Parameters;
import dev.fluxion.engine.Program;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Update;
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
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Batch, group, instance and RMS normalisations are PyTorch's, as recorded by {@code record_channel_norms.py}, in three steps of
 * training and in evaluation; {@code -Dfluxion.norms=FILE} compares with a sweep of it.
 */
class ChannelNormsTest {
    private static final int STEPS = 3;

    /** What PyTorch computed in double precision: tensors by name, and what was given. */
    private record Recorded(String name, Map<String, String> settings, Map<String, Value> tensors) {
        Value tensor(String tensor) {
            return Objects.requireNonNull(tensors.get(tensor), tensor);
        }

        Map<String, Value> batch(int step) {
            return Map.of("x", tensor("x" + step), "g", tensor("g"));
        }

        String setting(String key) {
            return Objects.requireNonNull(settings.get(key), key);
        }

        double number(String key) {
            return Double.parseDouble(setting(key));
        }

        boolean is(String key) {
            return Boolean.parseBoolean(setting(key));
        }

        Shape shape() {
            return tensor("x0").shape();
        }

        Layer layer() {
            int channels = shape().dim(1);
            return switch (setting("layer")) {
                case "batchNorm" ->
                    batchNorm(channels)
                            .eps(number("eps"))
                            .momentum(number("momentum"))
                            .cumulative(is("cumulative"))
                            .affine(is("affine"))
                            .trackRunningStats(is("track"));
                case "instanceNorm" ->
                    instanceNorm(channels)
                            .eps(number("eps"))
                            .momentum(number("momentum"))
                            .affine(is("affine"))
                            .trackRunningStats(is("track"));
                case "groupNorm" ->
                    groupNorm((int) number("groups"), channels)
                            .eps(number("eps"))
                            .affine(is("affine"));
                default -> {
                    int rank = shape().rank();
                    int[] row = IntStream.range(rank - (int) number("axes"), rank)
                            .map(shape()::dim)
                            .toArray();
                    yield rmsNorm(row).eps(number("eps")).affine(is("affine"));
                }
            };
        }
    }

    private static List<String> lines() {
        String sweep = System.getProperty("fluxion.norms");
        try {
            if (sweep != null) {
                return Files.readAllLines(Path.of(sweep));
            }
            try (InputStream in =
                    Objects.requireNonNull(ChannelNormsTest.class.getResourceAsStream("channel-norms.txt"))) {
                return new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                        .lines()
                        .toList();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Recorded> recorded() {
        List<Recorded> all = new ArrayList<>();
        for (String line : lines()) {
            String[] words = line.split(" ", -1);
            if (words[0].equals("case")) {
                all.add(new Recorded(line.substring(5), new LinkedHashMap<>(), new LinkedHashMap<>()));
            } else if (words[0].equals("layer")) {
                Map<String, String> settings = all.get(all.size() - 1).settings;
                settings.put("layer", words[1]);
                Arrays.stream(words)
                        .skip(2)
                        .map(word -> word.split("=", 2))
                        .forEach(pair -> settings.put(pair[0], pair[1]));
            } else if (!words[0].equals("#")) {
                double[] data = Arrays.stream(words)
                        .skip(2)
                        .mapToDouble(Double::parseDouble)
                        .toArray();
                all.get(all.size() - 1).tensors.put(words[0], new Value(shape(words[1]), data));
            }
        }
        return all;
    }

    private static Shape shape(String text) {
        return text.equals("scalar")
                ? Shape.scalar()
                : Shape.of(Arrays.stream(text.split("x", -1))
                        .mapToInt(Integer::parseInt)
                        .toArray());
    }

    /** The results and gradients of the layer, and the next values of its buffers. */
    private record Built(Scope scope, Graph graph) {
        static Built of(Recorded r, boolean training) {
            Scope scope = Scope.root(training);
            Expr x = Expr.input("x", r.shape());
            Expr y = r.layer().apply(scope, x);
            List<Expr> wrt = new ArrayList<>(List.of(x));
            scope.parameters().values().forEach(p -> wrt.add(p.expr()));
            List<Expr> gradients =
                    Gradients.of(y.mul(Expr.input("g", r.shape())).sum(), wrt);
            Map<String, Expr> outputs = new LinkedHashMap<>(Map.of("y", y, "dx", gradients.get(0)));
            List<String> names = List.copyOf(scope.parameters().keySet());
            for (int i = 0; i < names.size(); i++) {
                outputs.put("d" + names.get(i), gradients.get(i + 1));
            }
            List<Update> updates = scope.updates().isEmpty() ? List.of() : List.of(Update.assign(scope.updates()));
            return new Built(scope, Graph.of(new Graph.Stage("main", outputs, updates)));
        }
    }

    @TestFactory
    Stream<DynamicTest> trainingAndEvaluationAreThoseOfPyTorch() {
        return recorded().stream()
                .map(r -> DynamicTest.dynamicTest(r.name, () -> {
                    Built training = Built.of(r, true);
                    Built evaluation = Built.of(r, false);
                    interpreted(r, training, evaluation);
                    compiled(r, training, evaluation);
                }));
    }

    private static void interpreted(Recorded r, Built training, Built evaluation) {
        Interpreter interpreter = new Interpreter();
        training.scope.parameters().keySet().forEach(name -> interpreter.bind(name, r.tensor(name)));
        for (String buffer : training.scope.buffers().keySet()) {
            Shape shape = r.tensor(buffer).shape();
            double[] first = new double[shape.size()];
            Arrays.fill(first, buffer.equals("running_var") ? 1 : 0);
            interpreter.bind(buffer, new Value(shape, first));
        }
        for (int step = 0; step < STEPS; step++) {
            r.batch(step).forEach(interpreter::bind);
            Map<String, Value> results = interpreter.run(training.graph);
            if (step == 0) {
                results.forEach((name, value) -> same(r, name, value, 1e-11));
            }
        }
        training.scope.buffers().keySet().forEach(name -> same(r, name, interpreter.value(name), 1e-11));
        r.batch(0).forEach(interpreter::bind);
        interpreter.run(evaluation.graph).forEach((name, value) -> same(r, "eval" + name, value, 1e-11));
    }

    private static void compiled(Recorded r, Built training, Built evaluation) {
        double share = r.name.contains("large mean") ? 3e-4 : 1e-5;
        try (Parameters parameters = Parameters.of(training.scope, 0)) {
            training.scope.parameters().keySet().forEach(name -> parameters.set(name, Tensor.of(r.tensor(name))));
            try (Program program = Compiler.compile(training.graph, parameters, new Options(2))) {
                for (int step = 0; step < STEPS; step++) {
                    run(r, program, step);
                    if (step == 0) {
                        outputs(training)
                                .forEach(
                                        name -> same(r, name, program.read(name).toValue(), share));
                    }
                }
            }
            parameters
                    .buffers()
                    .forEach(name -> same(r, name, parameters.get(name).toValue(), share));
            try (Program program = Compiler.compile(evaluation.graph, parameters, new Options(2))) {
                run(r, program, 0);
                outputs(evaluation)
                        .forEach(name ->
                                same(r, "eval" + name, program.read(name).toValue(), share));
            }
        }
    }

    private static void run(Recorded r, Program program, int step) {
        r.batch(step).forEach((name, value) -> {
            if (program.reads(name)) {
                program.write(name, Tensor.of(value));
            }
        });
        program.run();
    }

    private static Iterable<String> outputs(Built built) {
        return built.graph.stages().get(0).outputs().keySet();
    }

    /** Equal within a share of the largest element; where sums cancel, of what was summed. */
    private static void same(Recorded r, String name, Value actual, double share) {
        double[] expected = r.tensor(name).data();
        double summed = name.contains("d") && !name.contains("running") ? 1 : 0;
        double largest = Arrays.stream(expected).map(Math::abs).reduce(summed, Math::max);
        assertThat(actual.shape()).isEqualTo(r.tensor(name).shape());
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual.data()[i])
                    .as("%s, %s %d", r.name, name, i)
                    .isCloseTo(expected[i], within(share * largest + Float.MIN_NORMAL));
        }
    }
}
