package dev.fluxion.ir;

import dev.fluxion.ir.AxisRule.Along;
import java.util.ArrayList;
import java.util.List;

/** Operators that read or write at places given by an integer operand. */
public sealed interface Indexing extends Op {
    /** The axis that the index counts along, from the front. */
    int axis();

    /** Checks an index against the other operand: the same rank, and the same extents but for the axis. */
    private static void check(Op op, int axis, Expr other, Expr index) {
        if (index.dtype() != DType.INT) {
            throw new ShapeException(Errors.notAnIndex(op, index.dtype()));
        }
        if (index.shape().rank() != other.shape().rank()
                || !index.shape().with(axis, 0).equals(other.shape().with(axis, 0))) {
            throw new ShapeException(Errors.indexDoesNotFit(op, axis, other.shape(), index.shape()));
        }
    }

    /** Visits each element of the index: its own offset, and the offset that it points at in a tensor of {@code shape}. */
    private static void follow(Op op, int axis, Shape shape, Shape indexShape, double[] index, Strides.Visit visit) {
        int[] strides = shape.strides();
        int step = strides[axis];
        strides[axis] = 0;
        Strides.walk(indexShape, strides, (at, base) -> {
            int i = (int) index[at];
            if (i < 0 || i >= shape.dim(axis)) {
                throw new ValueException(Errors.indexOutOfRange(op.toString(), i, at, shape.dim(axis)));
            }
            visit.at(at, base + i * step);
        });
    }

    /**
     * Elements of the first operand at the places that the second names along one axis; the other extents agree.
     *
     * @param axis the axis, counted from the front
     */
    record Gather(int axis) implements Indexing {
        @Override
        public Shape shape(List<Expr> inputs) {
            check(this, axis, inputs.get(0), inputs.get(1));
            return inputs.get(1).shape();
        }

        @Override
        public List<Expr> gradient(Expr node, Expr g) {
            Expr x = node.input(0);
            Op scatter = new ScatterAdd(axis, x.shape().dim(axis));
            return List.of(new Expr(scatter, List.of(g, node.input(1))), Expr.none());
        }

        /** Along the index's own axis, each part looks up in the whole of the first operand. */
        @Override
        public List<AxisRule> axes(Expr node) {
            List<AxisRule> rules = new ArrayList<>(AxisRule.sameBut(node, axis));
            rules.add(AxisRule.of(node, node.shape().dim(axis), Along.axis(axis), Along.WHOLE, Along.axis(axis)));
            return rules;
        }

        @Override
        public double[] evaluate(Expr node, double[][] in) {
            double[] out = new double[node.shape().size()];
            follow(this, axis, node.input(0).shape(), node.shape(), in[1], (at, place) -> out[at] = in[0][place]);
            return out;
        }

        @Override
        public Sensitivity sensitivity() {
            return Sensitivity.OWN;
        }

        @Override
        public String toString() {
            return "gather[" + axis + "]";
        }
    }

    /**
     * Zeros, with the elements of the first operand added at the places that the second names along one axis.
     *
     * @param axis the axis, counted from the front
     * @param extent the extent of the result along it
     */
    record ScatterAdd(int axis, int extent) implements Indexing {
        @Override
        public Shape shape(List<Expr> inputs) {
            Errors.requireFloat(this, inputs.subList(0, 1));
            check(this, axis, inputs.get(0), inputs.get(1));
            if (!inputs.get(0).shape().equals(inputs.get(1).shape())) {
                throw new ShapeException(Errors.indexDoesNotFit(
                        this, axis, inputs.get(0).shape(), inputs.get(1).shape()));
            }
            return inputs.get(0).shape().with(axis, extent);
        }

        @Override
        public List<Expr> gradient(Expr node, Expr g) {
            return List.of(g.gather(axis, node.input(1)), Expr.none());
        }

        @Override
        public List<AxisRule> axes(Expr node) {
            List<AxisRule> rules = new ArrayList<>(AxisRule.sameBut(node, axis));
            rules.add(AxisRule.of(
                    node, node.input(0).shape().dim(axis), Along.WHOLE, Along.axis(axis), Along.axis(axis)));
            return rules;
        }

        @Override
        public double[] evaluate(Expr node, double[][] in) {
            double[] out = new double[node.shape().size()];
            follow(this, axis, node.shape(), node.input(1).shape(), in[1], (at, place) -> out[place] += in[0][at]);
            return out;
        }

        @Override
        public Sensitivity sensitivity() {
            return Sensitivity.SUM;
        }

        @Override
        public String toString() {
            return "scatterAdd[" + axis + "]";
        }
    }
}
