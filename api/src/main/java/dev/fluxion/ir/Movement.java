package dev.fluxion.ir;

import dev.fluxion.ir.AxisRule.Along;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Operators that move elements without computing. */
public sealed interface Movement extends Op {
    @Override
    default Sensitivity sensitivity() {
        return Sensitivity.MOVED;
    }

    /**
     * The same elements in row-major order under another shape.
     *
     * @param to the new shape, of the same number of elements
     */
    record Reshape(Shape to) implements Movement {
        @Override
        public Shape shape(List<Expr> inputs) {
            Shape from = inputs.get(0).shape();
            if (from.size() != to.size()) {
                throw new ShapeException(Errors.cannotReshape(from, to));
            }
            return to;
        }

        @Override
        public List<Expr> gradient(Expr node, Expr g) {
            return List.of(g.reshape(node.input(0).shape()));
        }

        /**
         * Axes with the same number of elements before them share an outer factor: N×T×D and N·T·D have N, and so have N·T·D and
         * N×T·D.
         */
        @Override
        public List<AxisRule> axes(Expr node) {
            Shape from = node.input(0).shape();
            List<AxisRule> rules = new ArrayList<>();
            for (int i = 0; i < from.rank(); i++) {
                for (int j = 0; j < to.rank(); j++) {
                    int units = commonDivisor(from.dim(i), to.dim(j));
                    if (before(from, i) == before(to, j) && units > 1) {
                        rules.add(AxisRule.of(node, units, Along.blocks(to, j, units), Along.blocks(from, i, units)));
                    }
                }
            }
            return rules;
        }

        private static int commonDivisor(int a, int b) {
            return b == 0 ? a : commonDivisor(b, a % b);
        }

        private static int before(Shape shape, int axis) {
            int before = 1;
            for (int i = 0; i < axis; i++) {
                before *= shape.dim(i);
            }
            return before;
        }

        @Override
        public Op resized(Shape result) {
            return new Reshape(result);
        }

        @Override
        public double[] evaluate(Expr node, double[][] in) {
            return in[0].clone();
        }

        @Override
        public String toString() {
            return "reshape";
        }
    }

    /**
     * The axes in another order.
     *
     * @param order for each axis of the result, the axis of the operand it comes from
     */
    record Transpose(List<Integer> order) implements Movement {
        @Override
        public Shape shape(List<Expr> inputs) {
            Shape from = inputs.get(0).shape();
            boolean[] seen = new boolean[from.rank()];
            for (int a : order) {
                if (a < 0 || a >= from.rank() || seen[a]) {
                    throw new ShapeException(Errors.notAPermutation(order, from));
                }
                seen[a] = true;
            }
            if (order.size() != from.rank()) {
                throw new ShapeException(Errors.notAPermutation(order, from));
            }
            return Shape.of(order.stream().mapToInt(from::dim).toArray());
        }

        @Override
        public List<Expr> gradient(Expr node, Expr g) {
            int[] inverse = new int[order.size()];
            for (int i = 0; i < inverse.length; i++) {
                inverse[order.get(i)] = i;
            }
            return List.of(g.transpose(inverse));
        }

        @Override
        public List<AxisRule> axes(Expr node) {
            return IntStream.range(0, order.size())
                    .mapToObj(i -> AxisRule.of(node, node.shape().dim(i), Along.axis(i), Along.axis(order.get(i))))
                    .toList();
        }

        @Override
        public double[] evaluate(Expr node, double[][] in) {
            int[] own = node.input(0).shape().strides();
            int[] strides = order.stream().mapToInt(a -> own[a]).toArray();
            double[] out = new double[in[0].length];
            Strides.walk(node.shape(), strides, (to, from) -> out[to] = in[0][from]);
            return out;
        }

        @Override
        public String toString() {
            return "transpose" + order;
        }
    }

    /**
     * Extents of 1 stretched, and new axes put in front.
     *
     * @param to the new shape
     */
    record Broadcast(Shape to) implements Movement {
        @Override
        public Shape shape(List<Expr> inputs) {
            Shape from = inputs.get(0).shape();
            if (from.rank() > to.rank() || !Shape.broadcast(from, to).equals(to)) {
                throw new ShapeException(Errors.cannotBroadcast(from, to));
            }
            return to;
        }

        @Override
        public List<Expr> gradient(Expr node, Expr g) {
            Shape from = node.input(0).shape();
            int shift = to.rank() - from.rank();
            int[] axes = IntStream.range(0, to.rank())
                    .filter(i -> i < shift || (from.dim(i - shift) == 1 && to.dim(i) != 1))
                    .toArray();
            Expr sum = axes.length == 0 ? g : g.sumKeepDims(axes);
            return List.of(sum.reshape(from));
        }

        /** Along an axis that is stretched or new, every part repeats the whole operand. */
        @Override
        public List<AxisRule> axes(Expr node) {
            Shape from = node.input(0).shape();
            int shift = to.rank() - from.rank();
            return IntStream.range(0, to.rank())
                    .mapToObj(i -> AxisRule.of(
                            node,
                            to.dim(i),
                            Along.axis(i),
                            i >= shift && from.dim(i - shift) == to.dim(i) ? Along.axis(i - shift) : Along.WHOLE))
                    .toList();
        }

        @Override
        public Op resized(Shape result) {
            return new Broadcast(result);
        }

        @Override
        public double[] evaluate(Expr node, double[][] in) {
            double[] out = new double[to.size()];
            int[] strides = Strides.broadcast(node.input(0).shape(), to);
            Strides.walk(to, strides, (dense, from) -> out[dense] = in[0][from]);
            return out;
        }

        @Override
        public String toString() {
            return "broadcast";
        }
    }

    /**
     * A range along one axis.
     *
     * @param axis the axis, counted from the front
     * @param from the first index
     * @param to one past the last index
     */
    record Slice(int axis, int from, int to) implements Movement {
        @Override
        public Shape shape(List<Expr> inputs) {
            Shape x = inputs.get(0).shape();
            if (from < 0 || to < from || to > x.dim(axis)) {
                throw new ShapeException(Errors.sliceOutOfRange(axis, from, to, x));
            }
            return x.with(axis, to - from);
        }

        @Override
        public List<Expr> gradient(Expr node, Expr g) {
            int extent = node.input(0).shape().dim(axis);
            return List.of(g.pad(axis, from, extent - to, 0));
        }

        @Override
        public List<AxisRule> axes(Expr node) {
            return AxisRule.sameBut(node, axis);
        }

        @Override
        public double[] evaluate(Expr node, double[][] in) {
            Shape x = node.input(0).shape();
            double[] out = new double[node.shape().size()];
            int start = from * x.strides()[axis];
            Strides.walk(node.shape(), x.strides(), (dense, at) -> out[dense] = in[0][start + at]);
            return out;
        }

        @Override
        public String toString() {
            return "slice[" + axis + ":" + from + ".." + to + "]";
        }
    }

    /**
     * A constant put before and after the elements along one axis.
     *
     * @param axis the axis, counted from the front
     * @param before how many in front
     * @param after how many behind
     * @param value the constant
     */
    record Pad(int axis, int before, int after, double value) implements Movement {
        /**
         * Checks the constant.
         *
         * @throws IllegalArgumentException if it is NaN
         */
        public Pad {
            Errors.requireNumber("what pads", value);
        }

        @Override
        public Shape shape(List<Expr> inputs) {
            Errors.requireFloat(this, inputs);
            Shape x = inputs.get(0).shape();
            if (before < 0 || after < 0) {
                throw new ShapeException(Errors.negativePadding(axis, before, after));
            }
            return x.with(axis, Errors.requireExtent(this, (long) x.dim(axis) + before + after, x));
        }

        @Override
        public List<Expr> gradient(Expr node, Expr g) {
            return List.of(g.slice(axis, before, before + node.input(0).shape().dim(axis)));
        }

        @Override
        public List<AxisRule> axes(Expr node) {
            return AxisRule.sameBut(node, axis);
        }

        @Override
        public double[] evaluate(Expr node, double[][] in) {
            double[] out = new double[node.shape().size()];
            Arrays.fill(out, value);
            int[] strides = node.shape().strides();
            int start = before * strides[axis];
            Strides.walk(node.input(0).shape(), strides, (from, to) -> out[start + to] = in[0][from]);
            return out;
        }

        @Override
        public Sensitivity sensitivity() {
            return Sensitivity.OWN;
        }

        @Override
        public String toString() {
            return "pad[" + axis + ":" + before + "," + after + "]";
        }
    }

    /**
     * Operands one after the other along one axis.
     *
     * @param axis the axis, counted from the front
     */
    record Concat(int axis) implements Movement {
        @Override
        public Shape shape(List<Expr> inputs) {
            Shape first = inputs.get(0).shape();
            long extent = 0;
            for (Expr in : inputs) {
                if (in.shape().rank() != first.rank()
                        || in.dtype() != inputs.get(0).dtype()
                        || !in.shape().with(axis, 0).equals(first.with(axis, 0))) {
                    throw new ShapeException(Errors.cannotConcat(axis, first, in.shape()));
                }
                extent += in.shape().dim(axis);
            }
            return first.with(axis, Errors.requireExtent(this, extent, first));
        }

        @Override
        public List<Expr> gradient(Expr node, Expr g) {
            Expr[] out = new Expr[node.inputs().size()];
            int at = 0;
            for (int i = 0; i < out.length; i++) {
                int extent = node.input(i).shape().dim(axis);
                out[i] = g.slice(axis, at, at + extent);
                at += extent;
            }
            return List.of(out);
        }

        @Override
        public List<AxisRule> axes(Expr node) {
            return AxisRule.sameBut(node, axis);
        }

        @Override
        public double[] evaluate(Expr node, double[][] in) {
            double[] out = new double[node.shape().size()];
            int[] strides = node.shape().strides();
            int start = 0;
            for (int i = 0; i < in.length; i++) {
                Shape part = node.input(i).shape();
                double[] x = in[i];
                int base = start;
                Strides.walk(part, strides, (from, to) -> out[base + to] = x[from]);
                start += part.dim(axis) * strides[axis];
            }
            return out;
        }

        @Override
        public String toString() {
            return "concat[" + axis + "]";
        }
    }
}
