package dev.fluxion.ir;

import java.util.List;

/** Operators that compute each element from the elements at the same index; all operands have the same shape. */
public sealed interface Elementwise extends Op {
    @Override
    default Sensitivity sensitivity() {
        return Sensitivity.OWN;
    }

    @Override
    default Shape shape(List<Expr> inputs) {
        Shape first = inputs.get(0).shape();
        for (Expr in : inputs) {
            if (!in.shape().equals(first)) {
                throw new ShapeException(Errors.differentShapes(this, first, in.shape()));
            }
        }
        return first;
    }

    @Override
    default List<AxisRule> axes(Expr node) {
        return AxisRule.sameBut(node);
    }

    /**
     * A function of one operand.
     *
     * @param fn the function
     * @param alpha its constant, 0 where it has none
     */
    record Unary(UnaryFn fn, double alpha) implements Elementwise {
        /**
         * Checks the constant.
         *
         * @throws IllegalArgumentException if it is NaN
         */
        public Unary {
            Errors.requireNumber("the constant of " + fn, alpha);
        }

        @Override
        public Shape shape(List<Expr> inputs) {
            Errors.requireFloat(this, inputs);
            return inputs.get(0).shape();
        }

        @Override
        public List<Expr> gradient(Expr node, Expr g) {
            return List.of(
                    fn.isStepwise()
                            ? Expr.none()
                            : fn.derivative(node.input(0), node, alpha).mul(g));
        }

        @Override
        public double[] evaluate(Expr node, double[][] in) {
            double[] x = in[0];
            double[] out = new double[x.length];
            for (int i = 0; i < x.length; i++) {
                out[i] = fn.apply(x[i], alpha);
            }
            return out;
        }

        @Override
        public String toString() {
            return fn.parameterised() ? fn + "(" + alpha + ")" : fn.toString();
        }
    }

    /**
     * A function of two operands.
     *
     * @param fn the function
     */
    record Binary(BinaryFn fn) implements Elementwise {
        @Override
        public Shape shape(List<Expr> inputs) {
            if (inputs.get(0).dtype() != inputs.get(1).dtype()) {
                throw new ShapeException(Errors.differentTypes(
                        this, inputs.get(0).dtype(), inputs.get(1).dtype()));
            }
            if (fn == BinaryFn.POW) {
                Errors.requireFloat(this, inputs);
            }
            return Elementwise.super.shape(inputs);
        }

        @Override
        public DType dtype(List<Expr> inputs) {
            return fn.comparison() ? DType.FLOAT : inputs.get(0).dtype();
        }

        @Override
        public List<Expr> gradient(Expr node, Expr g) {
            return node.dtype() == DType.INT ? List.of(Expr.none(), Expr.none()) : fn.gradient(node, g);
        }

        @Override
        public double[] evaluate(Expr node, double[][] in) {
            boolean integers = node.input(0).dtype() == DType.INT;
            double[] out = new double[in[0].length];
            for (int i = 0; i < out.length; i++) {
                double a = in[0][i];
                double b = in[1][i];
                out[i] = integers ? fn.applyToInts((int) a, (int) b) : fn.apply(a, b);
            }
            return out;
        }

        @Override
        public String toString() {
            return fn.toString();
        }
    }

    /**
     * x between two bounds, and these beyond.
     *
     * @param least the lower bound, which may be −∞
     * @param most the upper bound, which may be ∞
     * @param closed whether the bounds have x's gradient, too
     */
    record Clip(double least, double most, boolean closed) implements Elementwise {
        /** Checks the bounds. */
        public Clip {
            Errors.requireBounds(least, most);
        }

        @Override
        public Shape shape(List<Expr> inputs) {
            Errors.requireFloat(this, inputs);
            return inputs.get(0).shape();
        }

        @Override
        public List<Expr> gradient(Expr node, Expr g) {
            Expr x = node.input(0);
            Expr isAbove = closed ? x.ge(least) : node.gt(least);
            Expr isBelow = closed ? x.le(most) : node.lt(most);
            return List.of(
                    least == Double.NEGATIVE_INFINITY
                            ? g.mul(isBelow)
                            : most == Double.POSITIVE_INFINITY ? g.mul(isAbove) : g.mul(isAbove.mul(isBelow)));
        }

        @Override
        public double[] evaluate(Expr node, double[][] in) {
            double[] out = new double[in[0].length];
            for (int i = 0; i < out.length; i++) {
                double x = in[0][i];
                out[i] = x < least ? least : x > most ? most : x;
            }
            return out;
        }

        @Override
        public String toString() {
            return "clip(" + least + ", " + most + ")";
        }
    }

    /** The second operand where the first is not 0, else the third. */
    record Where() implements Elementwise {
        @Override
        public Shape shape(List<Expr> inputs) {
            if (inputs.get(1).dtype() != inputs.get(2).dtype()) {
                throw new ShapeException(Errors.differentTypes(
                        this, inputs.get(1).dtype(), inputs.get(2).dtype()));
            }
            return Elementwise.super.shape(inputs);
        }

        @Override
        public DType dtype(List<Expr> inputs) {
            return inputs.get(1).dtype();
        }

        @Override
        public List<Expr> gradient(Expr node, Expr g) {
            Expr zero = Expr.constant(0).broadcastTo(node.shape());
            Expr condition = node.input(0);
            return List.of(Expr.none(), condition.where(g, zero), condition.where(zero, g));
        }

        @Override
        public double[] evaluate(Expr node, double[][] in) {
            double[] out = new double[in[0].length];
            for (int i = 0; i < out.length; i++) {
                out[i] = in[0][i] != 0 ? in[1][i] : in[2][i];
            }
            return out;
        }

        @Override
        public String toString() {
            return "where";
        }
    }

    /**
     * A conversion to another element type; towards {@link DType#INT} it truncates.
     *
     * @param to the element type of the result
     */
    record Cast(DType to) implements Elementwise {
        @Override
        public DType dtype(List<Expr> inputs) {
            return to;
        }

        @Override
        public List<Expr> gradient(Expr node, Expr g) {
            return List.of(Expr.none());
        }

        @Override
        public double[] evaluate(Expr node, double[][] in) {
            double[] out = in[0].clone();
            if (to == DType.INT) {
                for (int i = 0; i < out.length; i++) {
                    out[i] = (int) out[i];
                }
            }
            return out;
        }

        @Override
        public String toString() {
            return to == DType.INT ? "toInt" : "toFloat";
        }
    }
}
