package dev.fluxion.ir;

import dev.fluxion.ir.AxisRule.Along;
import dev.fluxion.ir.AxisRule.Join;
import dev.fluxion.ir.AxisRule.Made;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * (x − mean) · scale + shift with statistics of x: what normalisations do with them.
 *
 * <p>Operands: x, and mean, scale and shift of one shape with the extents of x or 1. Result: y like x.
 */
public record Standardise() implements Compound {
    @Override
    public List<Shape> shapes(List<Expr> inputs) {
        Errors.requireFloat(this, inputs);
        Shape x = inputs.get(0).shape();
        Errors.requireStatistic(this, x, inputs.get(1).shape());
        Errors.requireShape(this, inputs.get(1).shape(), inputs.get(2).shape());
        Errors.requireShape(this, inputs.get(1).shape(), inputs.get(3).shape());
        return List.of(x);
    }

    @Override
    public List<Expr> decomposed(List<Expr> inputs) {
        return List.of(inputs.get(0).sub(inputs.get(1)).mul(inputs.get(2)).add(inputs.get(3)));
    }

    @Override
    public List<Expr> gradient(Expr node, List<Expr> gradients) {
        Expr g = gradients.get(0);
        Expr scale = node.input(2);
        Expr sums = new Expr(new Sums(), List.of(g, node.input(0), node.input(1)));
        return List.of(g.mul(scale), sums.mul(scale).neg(), sums.result(1), sums);
    }

    @Override
    public List<AxisRule> axes(Expr node) {
        return IntStream.range(0, node.shape().rank())
                .mapToObj(axis -> new AxisRule(
                        Join.CONCATENATION,
                        node.shape().dim(axis),
                        Along.axis(axis),
                        node.inputs().stream().map(in -> along(node, in, axis)).toList()))
                .toList();
    }

    @Override
    public String toString() {
        return "standardise";
    }

    private static Along along(Expr x, Expr operand, int axis) {
        return operand.shape().dim(axis) == x.shape().dim(axis) ? Along.axis(axis) : Along.WHOLE;
    }

    /**
     * The sums that the gradients of statistics are made of. Operands: the gradient g of y, x, and the mean. Results, of the mean's
     * shape: Σ g, and Σ g · (x − mean).
     */
    public record Sums() implements Compound {
        @Override
        public List<Shape> shapes(List<Expr> inputs) {
            Errors.requireFloat(this, inputs);
            Shape mean = inputs.get(2).shape();
            Errors.requireShape(this, inputs.get(0).shape(), inputs.get(1).shape());
            Errors.requireStatistic(this, inputs.get(0).shape(), mean);
            return List.of(mean, mean);
        }

        @Override
        public List<Expr> decomposed(List<Expr> inputs) {
            Expr g = inputs.get(0);
            Expr mean = inputs.get(2);
            int[] axes = IntStream.range(0, g.shape().rank())
                    .filter(axis -> mean.shape().dim(axis) != g.shape().dim(axis))
                    .toArray();
            return List.of(g.sumKeepDims(axes), g.mul(inputs.get(1).sub(mean)).sumKeepDims(axes));
        }

        @Override
        public List<AxisRule> axes(Expr node) {
            Expr g = node.input(0);
            return IntStream.range(0, g.shape().rank())
                    .mapToObj(axis -> {
                        Along kept = along(g, node, axis);
                        Made made = new Made(kept.isWhole() ? Join.SUM : Join.CONCATENATION, kept);
                        return new AxisRule(
                                g.shape().dim(axis),
                                Collections.nCopies(2, made),
                                List.of(Along.axis(axis), Along.axis(axis), kept));
                    })
                    .toList();
        }

        @Override
        public String toString() {
            return "standardiseSums";
        }
    }
}
