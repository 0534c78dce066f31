package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Tensor;
import dev.fluxion.engine.check.ErrorBound;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Value;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Compares what a compiled graph computes with the interpreter, element by element within {@link ErrorBound}. */
final class Match {
    /** Below this the processor flushes to zero, or may. */
    private static final double TINY = 0x1p-120;

    private Match() {}

    /** The graph of an expression and of the gradients of a random projection of it; the values say what to bind. */
    static Graph withGradients(Expr y, List<Expr> wrt, Map<String, Value> values, long seed) {
        Map<String, Expr> outputs = new LinkedHashMap<>();
        outputs.put("y", y);
        if (!wrt.isEmpty()) {
            SplittableRandom random = new SplittableRandom(seed);
            double[] direction = new double[y.shape().size()];
            for (int i = 0; i < direction.length; i++) {
                direction[i] = (float) random.nextDouble(-1, 1);
            }
            values.put("direction", new Value(y.shape(), direction));
            Expr objective = y.mul(Expr.input("direction", y.shape())).sum();
            List<Expr> gradients = Gradients.of(objective, wrt);
            for (int i = 0; i < wrt.size(); i++) {
                outputs.put("gradient " + i, gradients.get(i));
            }
        }
        return Graph.of(outputs);
    }

    /** Parameters and buffers for those of the graph, with the given values. */
    static Parameters parameters(Graph graph, Map<String, Value> values) {
        Map<String, Tensor> all = new LinkedHashMap<>();
        List<String> buffers =
                graph.buffers().stream().map(e -> ((Leaf.Buffer) e.op()).name()).toList();
        buffers.forEach(name -> all.put(name, Tensor.of(values.get(name))));
        for (Expr e : graph.parameters()) {
            String name = ((Leaf.Parameter) e.op()).name();
            all.put(name, Tensor.of(values.get(name)));
        }
        return Parameters.of(all, buffers);
    }

    /** Writes all inputs of the graph. */
    static void write(Program program, Graph graph, Map<String, Value> values) {
        for (Expr e : graph.inputs()) {
            String name = ((Leaf.Input) e.op()).name();
            program.write(name, tensor(e, values.get(name)));
        }
    }

    static Tensor tensor(Expr leaf, Value value) {
        if (leaf.dtype() == DType.FLOAT) {
            return Tensor.of(value);
        }
        int[] data = new int[value.data().length];
        for (int i = 0; i < data.length; i++) {
            data[i] = (int) value.data()[i];
        }
        return Tensor.of(data, value.shape());
    }

    static Interpreter interpreter(Map<String, Value> values, long seed) {
        Interpreter interpreter = new Interpreter().seed(seed);
        values.forEach(interpreter::bind);
        return interpreter;
    }

    /**
     * Compiles, runs twice and compares every output.
     *
     * @return the largest bound relative to the largest element of its output, to see that bounds say something
     */
    static double check(String what, Graph graph, Map<String, Value> values, long seed, int threads) {
        try (Parameters parameters = parameters(graph, values)) {
            Program program = Compiler.compile(graph, parameters, new Options(threads));
            program.state().seed(seed);
            write(program, graph, values);
            program.run();
            return check(what, program, graph, new ErrorBound(interpreter(values, seed)));
        } catch (AssertionError e) {
            throw e;
        } catch (RuntimeException e) {
            throw new AssertionError(what + ": " + e.getMessage(), e);
        }
    }

    static double check(String what, Program program, Graph graph, ErrorBound bound) {
        double loosest = 0;
        for (Graph.Stage stage : graph.stages()) {
            for (Map.Entry<String, Expr> output : stage.outputs().entrySet()) {
                Expr e = output.getValue();
                loosest = Math.max(
                        loosest, check(what + ", " + output.getKey(), program.read(output.getKey()), e, bound));
            }
        }
        return loosest;
    }

    static double check(String what, Tensor actual, Expr e, ErrorBound bound) {
        double[] expected = bound.value(e);
        double[] error = bound.of(e);
        assertThat(actual.shape()).as(what).isEqualTo(e.shape());
        assertThat(actual.dtype()).as(what).isEqualTo(e.dtype());
        double[] got = actual.toValue().data();
        double largest = 0;
        double loosest = 0;
        for (int i = 0; i < got.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            loosest = Math.max(loosest, error[i]);
            double allowed = error[i] + Math.ulp((float) expected[i]) / 2 + TINY;
            boolean same = Math.abs(got[i] - expected[i]) <= allowed || got[i] == expected[i];
            if (!same && !(Double.isNaN(got[i]) && Double.isNaN(expected[i]))) {
                throw new AssertionError(what + ", element " + i + ": got " + got[i] + ", expected " + expected[i]
                        + " ± " + allowed + "\n" + e);
            }
        }
        return loosest / Math.max(largest, 1e-3);
    }
}
