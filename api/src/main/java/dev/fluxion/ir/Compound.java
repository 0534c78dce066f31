package dev.fluxion.ir;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Operators with several results, which share work. Each could be composed of others, which is its meaning, and is primitive for
 * the sake of a kernel that computes all of them at once.
 */
public interface Compound extends Op {
    @Override
    default Sensitivity sensitivity() {
        return Sensitivity.OWN;
    }

    /** All results in terms of other operators. */
    List<Expr> decomposed(List<Expr> inputs);

    @Override
    List<Shape> shapes(List<Expr> inputs);

    @Override
    default Shape shape(List<Expr> inputs) {
        return shapes(inputs).get(0);
    }

    @Override
    default List<Expr> gradient(Expr node, Expr g) {
        List<Expr> all = new ArrayList<>(Collections.nCopies(node.results(), Expr.none()));
        all.set(0, g);
        return gradient(node, all);
    }

    /** That of the decomposition, unless the operator knows a better one. */
    @Override
    default List<Expr> gradient(Expr node, List<Expr> gradients) {
        List<Expr> operands = node.inputs().stream().map(Compound::alone).toList();
        List<Expr> results = decomposed(operands);
        Expr objective = IntStream.range(0, results.size())
                .filter(i -> gradients.get(i) != Expr.none())
                .mapToObj(i -> results.get(i).mul(gradients.get(i)).sum())
                .reduce(Expr::add)
                .orElseThrow();
        List<Expr> floats =
                operands.stream().filter(e -> e.dtype() == DType.FLOAT).toList();
        Iterator<Expr> found = Gradients.of(objective, floats).iterator();
        return operands.stream()
                .map(e -> e.dtype() == DType.FLOAT ? found.next() : Expr.none())
                .toList();
    }

    /** A variable of its own, also for an operand that another one depends on. */
    private static Expr alone(Expr operand) {
        return new Expr(new Movement.Reshape(operand.shape()), List.of(operand));
    }

    @Override
    default double[] evaluate(Expr node, double[][] in) {
        return evaluateAll(node, in)[0];
    }

    @Override
    default double[][] evaluateAll(Expr node, double[][] in) {
        Interpreter interpreter = new Interpreter();
        List<Expr> operands = IntStream.range(0, in.length)
                .mapToObj(i -> {
                    Shape shape = node.input(i).shape();
                    interpreter.bind("operand " + i, new Value(shape, in[i]));
                    return Expr.input("operand " + i, shape, node.input(i).dtype());
                })
                .toList();
        return interpreter.evaluate(decomposed(operands)).stream()
                .map(Value::data)
                .toArray(double[][]::new);
    }
}
