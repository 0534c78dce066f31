package dev.fluxion.ir;

import java.util.List;

/** Operators that return their first operand and mark it. */
public sealed interface Marker extends Op {
    @Override
    default Sensitivity sensitivity() {
        return Sensitivity.MOVED;
    }

    @Override
    default Shape shape(List<Expr> inputs) {
        return inputs.get(0).shape();
    }

    @Override
    default List<AxisRule> axes(Expr node) {
        return AxisRule.sameBut(node);
    }

    /** The operand, as a constant to differentiation. */
    record StopGradient() implements Marker {
        @Override
        public List<Expr> gradient(Expr node, Expr g) {
            return List.of(Expr.none());
        }

        @Override
        public double[] evaluate(Expr node, double[][] in) {
            return in[0];
        }

        @Override
        public String toString() {
            return "stopGradient";
        }
    }

    /**
     * The first operand, provided that the second, of the same shape, is nowhere 0; else a {@link ValueException} that
     * names the first offending element.
     *
     * @param expectation what is required, as in "targets must be −1 or 1"
     */
    record Require(String expectation) implements Marker {
        @Override
        public Shape shape(List<Expr> inputs) {
            Errors.requireShape(this, inputs.get(0).shape(), inputs.get(1).shape());
            return inputs.get(0).shape();
        }

        @Override
        public List<Expr> gradient(Expr node, Expr g) {
            return List.of(g, Expr.none());
        }

        /** The error names the position of the element. */
        @Override
        public List<AxisRule> axes(Expr node) {
            return AxisRule.sameBut(node).stream()
                    .map(r -> new AxisRule(AxisRule.Join.POSITION, r.units(), r.result(), r.operands()))
                    .toList();
        }

        @Override
        public double[] evaluate(Expr node, double[][] in) {
            for (int i = 0; i < in[0].length; i++) {
                if (in[1][i] == 0) {
                    Number value = node.dtype() == DType.INT ? (Number) (int) in[0][i] : (Number) in[0][i];
                    throw new ValueException(Errors.requirementFailed(expectation, value, i, node.shape()));
                }
            }
            return in[0];
        }

        @Override
        public Sensitivity sensitivity() {
            return Sensitivity.OWN;
        }

        @Override
        public String toString() {
            return "require";
        }
    }
}
