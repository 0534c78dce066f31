package dev.fluxion.engine.pass;

import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Indexing;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Marker;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Normalised;
import dev.fluxion.ir.Op;
import dev.fluxion.ir.Pooling;
import dev.fluxion.ir.Reduction;
import dev.fluxion.ir.Shape;
import java.util.Collections;
import java.util.List;

/**
 * How the value of a node follows from parts of the batch.
 *
 * @param kind whether parts give parts
 * @param axis the axis that the batch lies along in the value, −1 if it lies along none
 * @param takes for each operand, the axis along which a part of it is taken, −1 if it is taken whole
 */
record Split(Kind kind, int axis, List<Integer> takes) {
    /** Whether parts of the operands give parts of the value. */
    enum Kind {
        /** They give the same part of the value. */
        ALONG,
        /** They give a summand of the value. */
        SUMMAND,
        /** They give nothing: all operands are needed whole. */
        WHOLE
    }

    /** No axis. */
    static final int NONE = -1;

    /** The split of a node, given the axes that the batch lies along in its operands. */
    static Split of(Expr e, List<Integer> axes, int batch) {
        boolean free = e.op() instanceof Leaf.Input || axes.stream().anyMatch(a -> a != NONE);
        return free ? e.op().accept(new Rules(e, axes, batch)) : whole(e, NONE);
    }

    /** All operands are needed whole. */
    static Split whole(Expr e, int axis) {
        return new Split(Kind.WHOLE, axis, Collections.nCopies(e.inputs().size(), NONE));
    }

    /** One rule per operator. */
    private record Rules(Expr e, List<Integer> axes, int batch) implements Op.Visitor<Split> {
        private int axis(int operand) {
            return axes.get(operand);
        }

        private Shape shape(int operand) {
            return e.input(operand).shape();
        }

        private Split along(int axis, Integer... takes) {
            return new Split(Kind.ALONG, axis, List.of(takes));
        }

        private Split summand(Integer... takes) {
            return new Split(Kind.SUMMAND, NONE, List.of(takes));
        }

        private Split whole() {
            return Split.whole(e, NONE);
        }

        /** All operands in parts along the one axis that the batch lies along in some of them. */
        private Split together() {
            List<Integer> found =
                    axes.stream().filter(a -> a != NONE).distinct().toList();
            return found.size() == 1
                    ? new Split(Kind.ALONG, found.get(0), Collections.nCopies(axes.size(), found.get(0)))
                    : whole();
        }

        private Split unlessAlong(int axis) {
            Split all = together();
            return all.axis == axis ? whole() : all;
        }

        @Override
        public Split input(Leaf.Input op) {
            return given(op.shape());
        }

        private Split given(Shape shape) {
            boolean batched = shape.rank() > 0 && shape.dim(0) == batch;
            return new Split(Kind.WHOLE, batched ? 0 : NONE, List.of());
        }

        @Override
        public Split parameter(Leaf.Parameter op) {
            return whole();
        }

        @Override
        public Split kept(Leaf.Kept op) {
            return whole();
        }

        @Override
        public Split carried(Leaf.Carried op) {
            return given(op.shape());
        }

        @Override
        public Split constant(Leaf.Constant op) {
            return whole();
        }

        @Override
        public Split literal(Leaf.Literal op) {
            return whole();
        }

        @Override
        public Split iota(Leaf.Iota op) {
            return whole();
        }

        @Override
        public Split uniform(Leaf.Uniform op) {
            return whole();
        }

        @Override
        public Split unary(Elementwise.Unary op) {
            return together();
        }

        @Override
        public Split binary(Elementwise.Binary op) {
            return together();
        }

        @Override
        public Split where(Elementwise.Where op) {
            return together();
        }

        @Override
        public Split cast(Elementwise.Cast op) {
            return together();
        }

        @Override
        public Split sum(Reduction.Sum op) {
            return op.axes().contains(axis(0)) ? summand(axis(0)) : along(axis(0), axis(0));
        }

        @Override
        public Split max(Reduction.Max op) {
            return op.axes().contains(axis(0)) ? whole() : along(axis(0), axis(0));
        }

        /** The batch is followed where the elements before its axis, and so what one of its steps spans, stay. */
        @Override
        public Split reshape(Movement.Reshape op) {
            int before = before(shape(0), axis(0));
            for (int to = 0; to < e.shape().rank(); to++) {
                boolean same = e.shape().dim(to) == shape(0).dim(axis(0));
                boolean unit = before == 1 && e.shape().dim(to) % batch == 0;
                if (before(e.shape(), to) == before && (same || unit)) {
                    return along(to, axis(0));
                }
            }
            return whole();
        }

        private static int before(Shape shape, int axis) {
            int before = 1;
            for (int i = 0; i < axis; i++) {
                before *= shape.dim(i);
            }
            return before;
        }

        @Override
        public Split transpose(Movement.Transpose op) {
            return along(op.order().indexOf(axis(0)), axis(0));
        }

        @Override
        public Split broadcast(Movement.Broadcast op) {
            return along(axis(0) + e.shape().rank() - shape(0).rank(), axis(0));
        }

        @Override
        public Split slice(Movement.Slice op) {
            return unlessAlong(op.axis());
        }

        @Override
        public Split pad(Movement.Pad op) {
            return unlessAlong(op.axis());
        }

        @Override
        public Split concat(Movement.Concat op) {
            return unlessAlong(op.axis());
        }

        @Override
        public Split gather(Indexing.Gather op) {
            boolean looksUp = axis(0) == NONE && axis(1) == op.axis();
            return looksUp ? along(op.axis(), NONE, op.axis()) : unlessAlong(op.axis());
        }

        @Override
        public Split scatterAdd(Indexing.ScatterAdd op) {
            Split all = together();
            return all.axis == op.axis() ? summand(op.axis(), op.axis()) : all;
        }

        /** Products over the batch stay whole: their operands are small, what they give is not. */
        @Override
        public Split matmul(Contraction.MatMul op) {
            int rows = e.shape().rank() - 2;
            if (axis(0) == rows) {
                return along(rows, rows, NONE);
            }
            if (axis(1) == rows + 1) {
                return along(rows + 1, NONE, rows + 1);
            }
            Split all = together();
            return all.axis < rows ? all : whole();
        }

        @Override
        public Split conv(Contraction.Conv op) {
            if (axis(0) == 0 && axis(1) == NONE) {
                return along(0, 0, NONE);
            }
            return axis(0) == 1 && axis(1) == 1 && op.spec().groups() == 1 ? summand(1, 1) : whole();
        }

        @Override
        public Split convGradInput(Contraction.ConvGradInput op) {
            return axis(0) == 0 && axis(1) == NONE ? along(0, 0, NONE) : whole();
        }

        @Override
        public Split convGradWeight(Contraction.ConvGradWeight op) {
            return axis(0) == 0 && axis(1) == 0 ? summand(0, 0) : whole();
        }

        @Override
        public Split maxPool(Pooling.MaxPool op) {
            return pooled();
        }

        @Override
        public Split maxPoolGrad(Pooling.MaxPoolGrad op) {
            return pooled();
        }

        @Override
        public Split avgPool(Pooling.AvgPool op) {
            return pooled();
        }

        @Override
        public Split avgPoolGrad(Pooling.AvgPoolGrad op) {
            return pooled();
        }

        private Split pooled() {
            Split all = together();
            return all.axis < 2 ? all : whole();
        }

        @Override
        public Split softmax(Normalised.Softmax op) {
            return unlessAlong(op.axis());
        }

        @Override
        public Split logSoftmax(Normalised.LogSoftmax op) {
            return unlessAlong(op.axis());
        }

        @Override
        public Split stopGradient(Marker.StopGradient op) {
            return together();
        }

        /** Stays whole, so that a complaint counts elements from the start of the batch. */
        @Override
        public Split require(Marker.Require op) {
            return Split.whole(e, together().axis);
        }
    }

    /** The node's operator, made to give a part whose extent along the axis is another. */
    static Op part(Expr e, Shape shape) {
        if (e.op() instanceof Movement.Reshape) {
            return new Movement.Reshape(shape);
        }
        if (e.op() instanceof Movement.Broadcast) {
            return new Movement.Broadcast(shape);
        }
        if (e.op() instanceof Contraction.ConvGradInput op) {
            return new Contraction.ConvGradInput(op.spec(), shape);
        }
        if (e.op() instanceof Contraction.ConvGradWeight op) {
            return new Contraction.ConvGradWeight(op.spec(), shape);
        }
        return e.op() instanceof Pooling.AvgPoolGrad op ? new Pooling.AvgPoolGrad(op.spec(), shape) : e.op();
    }
}
