package dev.fluxion.ir;

import java.util.List;

/**
 * An operator of the language, which is closed: expressions are made of those of this package. One definition has many readings: the
 * shape it gives, its value in double precision, its derivative (as expressions of the same language), its printed form, and its
 * lowering in the engine.
 */
public interface Op {
    /**
     * The shape of the result.
     *
     * @throws ShapeException if the operands do not fit
     */
    Shape shape(List<Expr> inputs);

    /** The shapes of all results, beginning with {@link #shape}; most operators have one. */
    default List<Shape> shapes(List<Expr> inputs) {
        return List.of(shape(inputs));
    }

    /** The element type of the results; that of the first operand unless the operator says otherwise. */
    default DType dtype(List<Expr> inputs) {
        return inputs.get(0).dtype();
    }

    /**
     * The vector-Jacobian product: one gradient per operand given the gradient of the result.
     *
     * @param node the expression this operator made
     * @param g the gradient of the objective with respect to {@code node}
     * @return a gradient per operand in order, {@link Expr#none()} where the operand has none
     */
    List<Expr> gradient(Expr node, Expr g);

    /**
     * The same given the gradients of all results.
     *
     * @param gradients one per result, {@link Expr#none()} where the objective does not depend on it; at least one is there
     */
    default List<Expr> gradient(Expr node, List<Expr> gradients) {
        return gradient(node, gradients.get(0));
    }

    /**
     * The value, row-major, in double precision.
     *
     * @param node the expression this operator made, for its shapes
     * @param in the values of the operands
     */
    double[] evaluate(Expr node, double[][] in);

    /** The values of all results; see {@link #evaluate}. */
    default double[][] evaluateAll(Expr node, double[][] in) {
        return new double[][] {evaluate(node, in)};
    }

    /**
     * The ways to compute a node of this operator in parts: for each axis of the operands and of the result, what becomes of it.
     *
     * @param node the expression this operator made
     * @return the rules; an axis that none names is needed whole by each part
     */
    List<AxisRule> axes(Expr node);

    /** This operator, to give a result of other extents: what computes a part of a node. */
    default Op resized(Shape result) {
        return this;
    }

    /** How errors of the operands reach the result. */
    Sensitivity sensitivity();
}
