package dev.fluxion.ir;

import java.util.List;

/**
 * One of the further results of a node that has several, see {@link Expr#result}. It is computed, differentiated and divided with
 * its node.
 *
 * @param index which, from 1; the first result is the value of the node itself
 */
public record Result(int index) implements Op {
    @Override
    public Shape shape(List<Expr> inputs) {
        Expr node = inputs.get(0);
        List<Shape> all = node.op().shapes(node.inputs());
        if (index < 1 || index >= all.size()) {
            throw new ShapeException(Errors.noSuchResult(node, index, all.size()));
        }
        return all.get(index);
    }

    /** The gradient is one of those that the node is given. */
    @Override
    public List<Expr> gradient(Expr node, Expr g) {
        throw new IllegalStateException(toString());
    }

    /** Picks it: what is given are all results of the node. */
    @Override
    public double[] evaluate(Expr node, double[][] in) {
        return in[index];
    }

    /** A part of the result is one of the part of the node. */
    @Override
    public List<AxisRule> axes(Expr node) {
        Expr made = node.input(0);
        return made.op().axes(made).stream().map(r -> r.of(index)).toList();
    }

    @Override
    public Sensitivity sensitivity() {
        return Sensitivity.OWN;
    }

    @Override
    public String toString() {
        return "result " + index;
    }
}
