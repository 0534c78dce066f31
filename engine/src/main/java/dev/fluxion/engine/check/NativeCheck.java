package dev.fluxion.engine.check;

import dev.fluxion.Tensor;
import dev.fluxion.check.GradCheck;
import dev.fluxion.check.Report;
import dev.fluxion.engine.Compiler;
import dev.fluxion.engine.Options;
import dev.fluxion.engine.Parameters;
import dev.fluxion.engine.Program;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Compares what the engine makes of an expression and its gradients in float32 with what the interpreter makes of them in
 * double precision:
 *
 * <pre>{@code
 * NativeCheck.of(GradCheck.of(net, Shape.of(2, 1, 8, 8))).run().orThrow();
 * }</pre>
 *
 * <p>Each element may be off by a bound of its own, which a running error analysis gives: it follows rounding errors of
 * float32 through the graph, element by element, along with the values. An element whose bound says nothing, as where
 * large numbers cancel out, is skipped and reported. Where a value is not finite in double precision, that in float32 must
 * not be, and a gradient that is not finite always fails.
 *
 * @param check what to compare: its expression, the gradients by its variables, its values (rounded to float32) and its
 *     seed
 * @param options how to compile
 * @param slack by what to multiply the bounds
 */
public record NativeCheck(GradCheck check, Options options, double slack) {
    /** The largest bound, relative to the largest element of a tensor, that still tells right from wrong. */
    private static final double VACUOUS = 0.01;
    /** A bound that is no matter, however small the elements are. */
    private static final double SMALL = 1e-5;

    private static final String OUTER = "weights of the native check";
    private static final String VALUE = "value";

    /** Checks the number. */
    public NativeCheck {
        if (!(slack > 0 && Double.isFinite(slack))) {
            throw new IllegalArgumentException(Errors.badSlack(slack));
        }
    }

    /** A comparison on one thread. */
    public static NativeCheck of(GradCheck check) {
        return new NativeCheck(check, Options.defaults().withThreads(1), 1);
    }

    /** This check with a program that computes with the given number of native threads. */
    public NativeCheck threads(int count) {
        return new NativeCheck(check, options.withThreads(count), slack);
    }

    /** This check with its bounds multiplied by a number. */
    public NativeCheck slack(double factor) {
        return new NativeCheck(check, options, factor);
    }

    /**
     * Computes and compares.
     *
     * @throws IllegalArgumentException if the engine cannot compile the expression
     * @throws dev.fluxion.ffi.NativeUnavailableException if the platform has no native library
     */
    public Report run() {
        return compare(compute());
    }

    /** What results are like that somebody else computed. */
    Report compare(Map<String, Tensor> actual) {
        Interpreter interpreter = new Interpreter().seed(check.seed());
        values().forEach(interpreter::bind);
        ErrorAnalysis analysis = new ErrorAnalysis(interpreter);
        List<Report.Entry> checked = new ArrayList<>();
        List<Report.Skipped> skipped = new ArrayList<>();
        outputs()
                .forEach((name, e) ->
                        compare(name, Objects.requireNonNull(actual.get(name)), analysis.of(e), checked, skipped));
        return new Report(Report.Kind.FLOAT32, check.expr().origin(), checked, skipped, 1);
    }

    private Map<String, Expr> outputs() {
        Expr expr = check.expr();
        Map<String, Expr> outputs = new LinkedHashMap<>();
        outputs.put(VALUE, expr);
        if (expr.dtype() == DType.FLOAT) {
            Expr outer = Expr.input(OUTER, expr.shape());
            check.variables().forEach(name -> outputs.put("gradient by " + name, check.backward(name, outer)));
        }
        return outputs;
    }

    private Map<String, Value> values() {
        Map<String, Value> values = new LinkedHashMap<>();
        Set<String> integers = integers();
        check.bindings().forEach((name, v) -> {
            double[] rounded = Arrays.stream(v.data()).map(x -> (float) x).toArray();
            values.put(name, integers.contains(name) ? v : new Value(v.shape(), rounded));
        });
        SplittableRandom random = new SplittableRandom(check.seed());
        Shape shape = check.expr().shape();
        double[] weights = new double[shape.size()];
        Arrays.setAll(weights, i -> (float) random.nextDouble(0.5, 1.5) * (random.nextBoolean() ? 1 : -1));
        values.put(OUTER, new Value(shape, weights));
        return values;
    }

    private Set<String> integers() {
        return Graph.of(Map.of(VALUE, check.expr())).inputs().stream()
                .filter(e -> e.dtype() == DType.INT)
                .map(e -> ((Leaf.Input) e.op()).name())
                .collect(Collectors.toSet());
    }

    /** What the engine makes of them. */
    Map<String, Tensor> compute() {
        return compute(outputs(), values());
    }

    private Map<String, Tensor> compute(Map<String, Expr> outputs, Map<String, Value> bound) {
        Graph graph = Graph.of(outputs);
        Map<String, Tensor> declared = new LinkedHashMap<>();
        List<String> buffers = names(graph.buffers());
        Stream.concat(names(graph.parameters()).stream(), buffers.stream())
                .forEach(name -> declared.put(name, Tensor.of(Objects.requireNonNull(bound.get(name)))));
        try (Parameters parameters = Parameters.of(declared, buffers);
                Program program = Compiler.compile(graph, parameters, options)) {
            program.state().seed(check.seed());
            for (Expr e : graph.inputs()) {
                Leaf.Input input = (Leaf.Input) e.op();
                program.write(input.name(), tensor(Objects.requireNonNull(bound.get(input.name())), input.type()));
            }
            program.run();
            Map<String, Tensor> results = new LinkedHashMap<>();
            outputs.keySet().forEach(name -> results.put(name, program.read(name)));
            return results;
        }
    }

    private static List<String> names(List<Expr> variables) {
        return variables.stream().map(e -> ((Leaf.Variable) e.op()).parameter()).toList();
    }

    private static Tensor tensor(Value value, DType type) {
        return type == DType.FLOAT
                ? Tensor.of(value)
                : Tensor.of(Arrays.stream(value.data()).mapToInt(x -> (int) x).toArray(), value.shape());
    }

    private void compare(
            String name,
            Tensor actual,
            ErrorAnalysis.Bounded expected,
            List<Report.Entry> checked,
            List<Report.Skipped> skipped) {
        double largest = Arrays.stream(expected.value())
                .map(Math::abs)
                .filter(Double::isFinite)
                .max()
                .orElse(0);
        Shape shape = actual.shape();
        double[] data = actual.toValue().data();
        for (int i = 0; i < data.length; i++) {
            String place = shape.rank() == 0 ? name : name + Arrays.toString(index(i, shape));
            double exact = expected.value()[i];
            double bound = slack * (expected.error()[i] + Float.MIN_NORMAL);
            if (!Double.isFinite(exact)) {
                boolean agrees = name.equals(VALUE) && !Double.isFinite(data[i]);
                checked.add(new Report.Entry(place, data[i], exact, agrees ? 0 : Double.POSITIVE_INFINITY));
            } else if (tells(bound, exact, largest) || isWrong(data[i], bound, exact)) {
                double error = Math.abs(data[i] - exact) / bound;
                checked.add(new Report.Entry(
                        place, data[i], exact, Double.isNaN(error) ? Double.POSITIVE_INFINITY : error));
            } else {
                skipped.add(new Report.Skipped(place, Report.Reason.ILL_CONDITIONED));
            }
        }
    }

    /** Whether a bound is small enough to tell right from wrong. */
    private static boolean tells(double bound, double exact, double largest) {
        return bound <= Math.max(VACUOUS * largest, SMALL) && Math.abs(exact) + bound <= Float.MAX_VALUE;
    }

    /** Whether a number is not finite where, whatever roundings do, float32 has one that is. */
    private static boolean isWrong(double actual, double bound, double exact) {
        return !Double.isFinite(actual) && Math.abs(exact) + bound <= Float.MAX_VALUE;
    }

    private static int[] index(int offset, Shape shape) {
        int[] index = shape.strides();
        for (int i = 0; i < index.length; i++) {
            index[i] = offset / index[i] % shape.dim(i);
        }
        return index;
    }
}
