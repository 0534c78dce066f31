package dev.fluxion.dsl.layer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Layer;
import dev.fluxion.Scope;
import dev.fluxion.Tensor;
import dev.fluxion.check.GradCheck;
import dev.fluxion.engine.Compiler;
import dev.fluxion.engine.Options;
import dev.fluxion.engine.Parameters;
import dev.fluxion.engine.Program;
import dev.fluxion.engine.check.NativeCheck;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Update;
import dev.fluxion.ir.Value;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A layer does again what PyTorch was recorded doing: in training with its gradients, and in evaluation. */
final class Replay {
    private static final List<String> INPUTS = List.of(
            "x", "memory", "values", "padding", "mask", "unseen", "memoryMask", "h0", "c0", "lengths", "weights");
    private static final List<String> RESULTS = List.of("y", "h", "c", "map");

    private final Recorded recorded;
    private final Layer layer;
    private final Scope scope;
    private final Graph training;
    private final Graph evaluation;

    Replay(Recorded recorded, Layer layer) {
        this.recorded = recorded;
        this.layer = layer;
        this.scope = Scope.root(true, inputs());
        Map<String, Expr> outputs = outputs(scope, "");
        List<Update> updates = scope.updates().isEmpty() ? List.of() : List.of(Update.assign(scope.updates()));
        this.training = Graph.of(new Graph.Stage("main", outputs, updates));
        this.evaluation = Graph.of(outputs(Scope.root(false, inputs()), recorded.has("evaly") ? "eval" : null));
    }

    private Map<String, Expr> inputs() {
        Map<String, Expr> all = new LinkedHashMap<>();
        for (String name : INPUTS) {
            if (recorded.has(name)) {
                boolean integers = recorded.holdsIntegers(name);
                all.put(
                        name,
                        new Expr(
                                new Leaf.Input(
                                        name,
                                        recorded.tensor(name).shape(),
                                        integers ? DType.INT : DType.FLOAT,
                                        !integers),
                                List.of()));
            }
        }
        return all;
    }

    /** What the layer makes of its inputs by the names of results. */
    private Map<String, Expr> results(Scope in) {
        Map<String, Expr> results = new LinkedHashMap<>(Map.of("y", layer.apply(in, in.value("x"))));
        for (String state : RESULTS.subList(1, RESULTS.size())) {
            if (recorded.has(state)) {
                results.put(state, in.value(state));
            }
        }
        return results;
    }

    /** The results, and with a prefix the gradients too: of all parameters, and of the inputs that have one. */
    private Map<String, Expr> outputs(Scope in, @Nullable String prefix) {
        Map<String, Expr> results = results(in);
        if (prefix == null) {
            return results;
        }
        Map<String, Expr> outputs = new LinkedHashMap<>();
        results.forEach((name, e) -> outputs.put(prefix + name, e));
        Expr objective = results.entrySet().stream()
                .map(e -> e.getValue().mul(weights(e.getKey(), e.getValue())).sum())
                .reduce(Expr::add)
                .orElseThrow();
        Map<String, Expr> leaves = leaves(in, prefix + "d");
        List<Expr> gradients = Gradients.of(objective, List.copyOf(leaves.values()));
        List<String> names = List.copyOf(leaves.keySet());
        for (int i = 0; i < names.size(); i++) {
            outputs.put(prefix + "d" + names.get(i), gradients.get(i));
        }
        return outputs;
    }

    private static Expr weights(String result, Expr e) {
        return Expr.input(result.equals("y") ? "g" : "g" + result, e.shape());
    }

    /** What there are gradients of. Of a case without any, as at infinities, there are results alone. */
    private Map<String, Expr> leaves(Scope in, String gradient) {
        Map<String, Expr> leaves = new LinkedHashMap<>();
        in.values().forEach((name, e) -> {
            if (recorded.has(gradient + name)) {
                leaves.put(name, e);
            }
        });
        boolean differentiated = recorded.tensors().keySet().stream().anyMatch(name -> name.startsWith(gradient));
        in.parameters().forEach((name, p) -> {
            if (differentiated) {
                leaves.put(name, p.expr());
            }
        });
        return leaves;
    }

    /** The first values of parameters, as recorded, and of buffers and given vectors, as the layer has them. */
    private Map<String, Value> first() {
        Map<String, Value> all = new LinkedHashMap<>();
        scope.declared().forEach((name, p) -> {
            boolean own = scope.buffers().containsKey(name) || recorded.isGiven();
            all.put(name, own ? filled(p) : recorded.tensor(name));
        });
        return all;
    }

    private static Value filled(Scope.Parameter p) {
        Shape shape = p.expr().shape();
        float[] data = new float[shape.size()];
        p.initializer().fill(data, shape, new Random(1));
        return Tensor.of(data, shape).toValue();
    }

    /** Requires that the interpreter gives what was recorded. */
    void interpret(Tolerance tolerance) {
        Interpreter interpreter = new Interpreter();
        recorded.tensors().forEach(interpreter::bind);
        first().forEach(interpreter::bind);
        interpreter.run(training).forEach((name, value) -> same("interpreted", name, value, tolerance));
        for (int step = 1; recorded.has("x" + step); step++) {
            interpreter.bind("x", recorded.tensor("x" + step));
            interpreter.run(training);
        }
        buffers().forEach(name -> same("interpreted", name, interpreter.value(name), tolerance));
        interpreter.bind("x", recorded.tensor("x"));
        interpreter.run(evaluation).forEach((name, value) -> same("interpreted", name, value, tolerance));
    }

    private List<String> buffers() {
        return scope.buffers().keySet().stream().filter(recorded::has).toList();
    }

    /** Requires that compiled programs give what was recorded. */
    void compile(Tolerance tolerance) {
        try (Parameters parameters = Parameters.of(scope, 0)) {
            first().forEach((name, value) -> parameters.set(name, Tensor.of(value)));
            try (Program program = Compiler.compile(training, parameters, new Options(2))) {
                run(program, "x");
                if (!recorded.has("x1")) {
                    program.run();
                }
                read(program, training, tolerance);
                for (int step = 1; recorded.has("x" + step); step++) {
                    run(program, "x" + step);
                }
            }
            buffers()
                    .forEach(name -> same("compiled", name, parameters.get(name).toValue(), tolerance));
            try (Program program = Compiler.compile(evaluation, parameters, new Options(2))) {
                run(program, "x");
                read(program, evaluation, tolerance);
            }
        }
    }

    private void run(Program program, String x) {
        for (String name : recorded.tensors().keySet()) {
            if (program.reads(name)) {
                program.write(name, input(name, recorded.tensor(name.equals("x") ? x : name)));
            }
        }
        program.run();
    }

    private Tensor input(String name, Value value) {
        return recorded.holdsIntegers(name)
                ? Tensor.of(Arrays.stream(value.data()).mapToInt(x -> (int) x).toArray(), value.shape())
                : Tensor.of(value);
    }

    private void read(Program program, Graph graph, Tolerance tolerance) {
        graph.stages()
                .get(0)
                .outputs()
                .keySet()
                .forEach(name -> same("compiled", name, program.read(name).toValue(), tolerance));
    }

    private void same(String how, String name, Value actual, Tolerance tolerance) {
        tolerance.require(recorded.name() + ", " + how, name, actual, recorded.tensor(name));
    }

    /** Requires that compiled programs are within the bounds of rounding, which know how a case is conditioned. */
    void check() {
        within(Scope.root(true, inputs()), false);
        within(Scope.root(false, inputs()), true);
    }

    private void within(Scope in, boolean valueOnly) {
        Expr all = flat(results(in));
        Graph graph = Graph.of(Map.of("all", all));
        Map<String, Value> values = new LinkedHashMap<>();
        first().forEach((name, value) -> values.put(name, buffers().contains(name) ? recorded.tensor(name) : value));
        values.keySet().removeIf(name -> !names(graph).contains(name));
        graph.inputs().forEach(e -> values.put(name(e), recorded.tensor(name(e))));
        GradCheck check = GradCheck.of(valueOnly ? all.stopGradient() : all).with(values);
        if (!valueOnly) {
            check = check.wrt(leaves(in, "d").keySet().stream()
                    .filter(values::containsKey)
                    .toArray(String[]::new));
        }
        assertThat(NativeCheck.of(check).run().failures()).as(recorded.name()).isEmpty();
    }

    private static Expr flat(Map<String, Expr> results) {
        List<Expr> parts =
                results.values().stream().map(e -> e.reshape(e.shape().size())).toList();
        return parts.size() == 1 ? results.values().iterator().next() : Expr.concat(0, parts);
    }

    private static List<String> names(Graph graph) {
        return Stream.concat(graph.parameters().stream(), graph.buffers().stream())
                .map(e -> ((Leaf.Variable) e.op()).parameter())
                .toList();
    }

    private static String name(Expr input) {
        return ((Leaf.Input) input.op()).name();
    }
}
