package dev.fluxion.dsl.optim;

import dev.fluxion.Input;
import dev.fluxion.Optimizer;
import dev.fluxion.Schedule;
import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.internal.QuasiNewton;
import dev.fluxion.dsl.internal.QuasiNewton.Limits;
import dev.fluxion.dsl.layer.Layers;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.loss.Losses;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.Training;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Slot;
import dev.fluxion.ir.Value;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** How an optimizer moves the weights of a small net: as recorded, in the interpreter, and in the engine. */
final class Trajectories {
    private static final int BATCHES = 5;
    private static final Shape INPUT = Shape.of(4, 3);
    private static final Shape TARGET = Shape.of(4, 2);
    private static final Path RECORDED = Path.of("src/test/resources/dev/fluxion/dsl/optim/trajectories.txt");

    /** What is trained, and with what. */
    enum Net {
        /** Two layers with weights. */
        DENSE,
        /** A table of which each step reads some rows, one of them twice. */
        TABLE;

        private Model model() {
            return this == DENSE
                    ? Trajectories.model()
                    : Model.of(Seq.of(Layers.embedding(11, 3), Layers.linear(3, 2)), Input.ints("input"));
        }

        private Tensor input(int step) {
            if (this == DENSE) {
                return Tensor.of(Trajectories.input(step));
            }
            int[] ids = IntStream.range(0, INPUT.dim(0))
                    .map(i -> (5 * step + 2 * i * i) % 9)
                    .toArray();
            return Tensor.of(ids, Shape.of(ids.length));
        }
    }

    private Trajectories() {}

    /** For each case the weights behind some steps. */
    static Map<String, TreeMap<Integer, double[]>> recorded() {
        Map<String, TreeMap<Integer, double[]>> cases = new LinkedHashMap<>();
        TreeMap<Integer, double[]> steps = new TreeMap<>();
        for (String line : lines()) {
            if (line.startsWith("case ")) {
                steps = new TreeMap<>();
                cases.put(line.substring("case ".length()), steps);
            } else if (!line.startsWith("#")) {
                String[] words = line.split(" ");
                steps.put(
                        Integer.valueOf(words[0]),
                        Arrays.stream(words)
                                .skip(1)
                                .mapToDouble(Double::parseDouble)
                                .toArray());
            }
        }
        return cases;
    }

    private static List<String> lines() {
        try {
            return Files.readAllLines(RECORDED);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The weights behind some steps in double precision, and their averages. */
    static Map<Integer, double[]> inDouble(Net net, Optimizer optimizer, Schedule schedule, Set<Integer> steps) {
        try (Model model = net.model();
                Training training = model.training(Losses.mse(), optimizer)) {
            Graph graph = training.graph(INPUT.dim(0));
            boolean averages = training.state().kept().keySet().stream()
                    .anyMatch(slot -> slot.name().equals(Optimizer.AVERAGE));
            Interpreter interpreter = new Interpreter();
            graph.parameters()
                    .forEach(p -> interpreter.bind(
                            name(p), start(p.shape(), graph.parameters().indexOf(p))));
            Map<Integer, double[]> found = new LinkedHashMap<>();
            for (int step = 1; step <= last(steps); step++) {
                interpreter
                        .learningRate(optimizer.learningRate() * schedule.factor(step - 1))
                        .bind(
                                "input",
                                net == Net.DENSE ? input(step) : net.input(step).toValue())
                        .bind("target", target(step))
                        .run(graph);
                if (steps.contains(step)) {
                    Stream<Value> values = graph.parameters().stream().map(p -> interpreter.value(name(p)));
                    Stream<Value> means = (averages ? graph.parameters() : List.<Expr>of())
                            .stream().map(p -> interpreter.value(Slot.optimizer(Optimizer.AVERAGE, name(p))));
                    found.put(
                            step,
                            Stream.concat(values, means)
                                    .flatMapToDouble(v -> Arrays.stream(v.data()))
                                    .toArray());
                }
            }
            return found;
        }
    }

    /** The weights behind some steps in double precision, all with the first batch, of an optimizer that evaluates it several times. */
    static Map<Integer, double[]> searched(Lbfgs optimizer, Set<Integer> steps) {
        try (Model model = model();
                Training training = model.training(Losses.mse(), optimizer)) {
            Graph graph = training.graph(INPUT.dim(0));
            Expr loss = Objects.requireNonNull(graph.stages().get(0).outputs().get("loss"));
            List<Expr> parameters = graph.parameters();
            List<Expr> wanted = new ArrayList<>(List.of(loss));
            wanted.addAll(Gradients.of(loss, parameters));
            Interpreter interpreter = new Interpreter().bind("input", input(1)).bind("target", target(1));
            double[] point = IntStream.range(0, parameters.size())
                    .mapToObj(i -> start(parameters.get(i).shape(), i).data())
                    .flatMapToDouble(Arrays::stream)
                    .toArray();
            Limits limits = new Limits(
                    optimizer.iterations(),
                    optimizer.evaluations(),
                    optimizer.gradientTolerance(),
                    optimizer.changeTolerance(),
                    optimizer.history(),
                    optimizer.strongWolfe());
            QuasiNewton method = new QuasiNewton(limits, x -> x);
            Map<Integer, double[]> found = new LinkedHashMap<>();
            for (int step = 1; step <= last(steps); step++) {
                method.step(point, optimizer.learningRate(), (x, gradient) -> {
                    int at = 0;
                    for (Expr p : parameters) {
                        double[] part =
                                Arrays.copyOfRange(x, at, at += p.shape().size());
                        interpreter.bind(name(p), new Value(p.shape(), part));
                    }
                    List<Value> values = interpreter.evaluate(wanted);
                    double[] all = values.stream()
                            .skip(1)
                            .flatMapToDouble(v -> Arrays.stream(v.data()))
                            .toArray();
                    System.arraycopy(all, 0, gradient, 0, all.length);
                    return values.get(0).data()[0];
                });
                if (steps.contains(step)) {
                    found.put(step, point.clone());
                }
            }
            return found;
        }
    }

    /** The weights behind some steps in the engine, and their averages. */
    static Map<Integer, double[]> inFloat(Net net, Optimizer optimizer, Schedule schedule, Set<Integer> steps) {
        try (Model model = net.model();
                Training training = model.training(Losses.mse(), optimizer)) {
            int number = 0;
            for (String name : model.parameters().names()) {
                model.parameters().set(name, Tensor.of(start(model.parameters().shape(name), number++)));
            }
            Map<Integer, double[]> found = new LinkedHashMap<>();
            for (int step = 1; step <= last(steps); step++) {
                training.learningRate(optimizer.learningRate() * schedule.factor(step - 1));
                int batch = optimizer instanceof Lbfgs ? 1 : step;
                training.step(new Batch(net.input(batch), Tensor.of(target(batch))));
                if (steps.contains(step)) {
                    found.put(step, weights(training, model));
                }
            }
            return found;
        }
    }

    private static double[] weights(Training training, Model model) {
        boolean averages = training.state().kept().keySet().stream()
                .anyMatch(slot -> slot.name().equals(Optimizer.AVERAGE));
        Map<String, Tensor> means = averages ? training.averages() : Map.of();
        return Stream.concat(model.parameters().values().values().stream(), means.values().stream())
                .flatMapToDouble(tensor -> Arrays.stream(tensor.toValue().data()))
                .toArray();
    }

    private static int last(Set<Integer> steps) {
        return steps.stream().mapToInt(Integer::intValue).max().orElseThrow();
    }

    private static String name(Expr parameter) {
        return ((Leaf.Parameter) parameter.op()).name();
    }

    private static Model model() {
        return Model.of(Seq.of(Layers.linear(3, 4), Layers.tanh(), Layers.linear(4, 2)), 3);
    }

    private static Value start(Shape shape, int number) {
        return fractions(shape, 0, 53, 17 + number, 97);
    }

    private static Value input(int step) {
        return fractions(INPUT, (step - 1) % BATCHES, 37, 11, 101);
    }

    private static Value target(int step) {
        return fractions(TARGET, (step - 1) % BATCHES, 29, 5, 89);
    }

    /** Numbers that the recording script forms in the same way. */
    private static Value fractions(Shape shape, int part, int factor, int offset, int modulus) {
        double[] values = new double[shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (double) ((part * values.length + i) * factor + offset) % modulus / modulus - 0.5;
        }
        return new Value(shape, values);
    }
}
