package dev.fluxion.ir;

import java.util.List;

/**
 * An operator of the closed language. One definition has many readings: the shape it gives, its value in double
 * precision, its derivative (as expressions of the same language), its printed form, and its lowering in the engine.
 */
public sealed interface Op
        permits Leaf,
                Elementwise,
                Reduction,
                Movement,
                Indexing,
                ArgSort,
                Draws,
                Contraction,
                Pooling,
                Normalised,
                Compound,
                Result,
                Marker {

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

    /** Calls the visitor's method for this operator. */
    <R> R accept(Visitor<R> visitor);

    /**
     * One method per operator, so that a reader which forgets one does not compile.
     *
     * @param <R> what a reading gives
     */
    interface Visitor<R> {
        /** Reads an input. */
        R input(Leaf.Input op);

        /** Reads a parameter. */
        R parameter(Leaf.Parameter op);

        /** Reads a buffer. */
        R buffer(Leaf.Buffer op);

        /** Reads what is kept beside a parameter. */
        R kept(Leaf.Kept op);

        /** Reads a value of an earlier stage. */
        R carried(Leaf.Carried op);

        /** Reads a constant. */
        R constant(Leaf.Constant op);

        /** Reads a constant tensor. */
        R literal(Leaf.Literal op);

        /** Reads an iota. */
        R iota(Leaf.Iota op);

        /** Reads random numbers. */
        R uniform(Leaf.Uniform op);

        /** Reads a function of one operand. */
        R unary(Elementwise.Unary op);

        /** Reads a function of two operands. */
        R binary(Elementwise.Binary op);

        /** Reads a function with two bounds. */
        R clip(Elementwise.Clip op);

        /** Reads a choice. */
        R where(Elementwise.Where op);

        /** Reads a conversion. */
        R cast(Elementwise.Cast op);

        /** Reads a sum. */
        R sum(Reduction.Sum op);

        /** Reads a maximum. */
        R max(Reduction.Max op);

        /** Reads a reshape. */
        R reshape(Movement.Reshape op);

        /** Reads a transpose. */
        R transpose(Movement.Transpose op);

        /** Reads a broadcast. */
        R broadcast(Movement.Broadcast op);

        /** Reads a slice. */
        R slice(Movement.Slice op);

        /** Reads a padding. */
        R pad(Movement.Pad op);

        /** Reads a concatenation. */
        R concat(Movement.Concat op);

        /** Reads a gather. */
        R gather(Indexing.Gather op);

        /** Reads a scatter-add. */
        R scatterAdd(Indexing.ScatterAdd op);

        /** Reads an order. */
        R argSort(ArgSort op);

        /** Reads numbers that follow from seeds. */
        R draws(Draws op);

        /** Reads a matrix product. */
        R matmul(Contraction.MatMul op);

        /** Reads a convolution. */
        R conv(Contraction.Conv op);

        /** Reads a convolution's gradient with respect to its input. */
        R convGradInput(Contraction.ConvGradInput op);

        /** Reads a convolution's gradient with respect to its weight. */
        R convGradWeight(Contraction.ConvGradWeight op);

        /** Reads a max-pooling. */
        R maxPool(Pooling.MaxPool op);

        /** Reads a max-pooling's gradient. */
        R maxPoolGrad(Pooling.MaxPoolGrad op);

        /** Reads an average pooling. */
        R avgPool(Pooling.AvgPool op);

        /** Reads an average pooling's gradient. */
        R avgPoolGrad(Pooling.AvgPoolGrad op);

        /** Reads a softmax. */
        R softmax(Normalised.Softmax op);

        /** Reads a log-softmax. */
        R logSoftmax(Normalised.LogSoftmax op);

        /** Reads an operator with several results. */
        R compound(Compound op);

        /** Reads a further result of a node. */
        R result(Result op);

        /** Reads a stop of the gradient. */
        R stopGradient(Marker.StopGradient op);

        /** Reads a requirement. */
        R require(Marker.Require op);
    }
}
