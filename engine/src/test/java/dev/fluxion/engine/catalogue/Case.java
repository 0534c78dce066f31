package dev.fluxion.engine.catalogue;

import dev.fluxion.Tensor;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Value;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One use of an operator.
 *
 * @param output the operator applied to inputs
 * @param inputs the inputs' values by name; floating-point ones are exact in float32
 * @param differentiable the names of the inputs by which {@code output} can be differentiated where it stands
 */
public record Case(Expr output, Map<String, Value> inputs, List<String> differentiable) {
    /** The seed of {@link #interpreter()}: an engine that draws random numbers with it draws the same. */
    public static final long SEED = 1234;

    /** An interpreter that knows the inputs. */
    public Interpreter interpreter() {
        Interpreter interpreter = new Interpreter().seed(SEED);
        inputs.forEach(interpreter::bind);
        return interpreter;
    }

    /** The output in double precision. */
    public Value expected() {
        return interpreter().evaluate(output);
    }

    /** The graph with the one output {@code y}. */
    public Graph graph() {
        return Graph.of(Map.of("y", output));
    }

    /** The inputs as tensors of their element types. */
    public Map<String, Tensor> tensors() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        inputs.forEach((name, value) -> tensors.put(name, tensor(leaf(name), value)));
        return tensors;
    }

    /** The input of a name. */
    public Expr leaf(String name) {
        return graph().order().stream()
                .filter(e -> e.op() instanceof Leaf.Input input && input.name().equals(name)
                        || e.op() instanceof Leaf.Variable variable
                                && variable.parameter().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static Tensor tensor(Expr leaf, Value value) {
        if (leaf.dtype() == DType.FLOAT) {
            return Tensor.of(value);
        }
        int[] data = new int[value.data().length];
        for (int i = 0; i < data.length; i++) {
            data[i] = (int) value.data()[i];
        }
        return Tensor.of(data, value.shape());
    }
}
