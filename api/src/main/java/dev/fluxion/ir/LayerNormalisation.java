package dev.fluxion.ir;

import dev.fluxion.ir.AxisRule.Along;
import dev.fluxion.ir.AxisRule.Join;
import dev.fluxion.ir.AxisRule.Made;
import java.util.Collections;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Layer normalisation (Ba, Kiros and Hinton, 2016) of rows, each all that lies along the last axes, as many as the weight has:
 * (x − mean) / √(variance + ε) · weight + bias, the variance being the biased one.
 *
 * <p>Operands: x, and weight and bias of the shape of a row. Results: y like x, and for each row, with extents of 1 along its axes,
 * the mean and 1 / √(variance + ε).
 *
 * @param eps ε, added to the variance
 */
public record LayerNormalisation(double eps) implements Compound {
    /**
     * Checks ε.
     *
     * @throws IllegalArgumentException if it is NaN
     */
    public LayerNormalisation {
        Errors.requireNumber("the eps of layerNorm", eps);
    }

    @Override
    public List<Shape> shapes(List<Expr> inputs) {
        Errors.requireFloat(this, inputs);
        Shape row = inputs.get(1).shape();
        Shape x = inputs.get(0).shape();
        Errors.requireRow(this, row, x);
        Errors.requireShape(this, row, inputs.get(2).shape());
        Shape statistic = x.keeping(last(x, row));
        return List.of(x, statistic, statistic);
    }

    /** The mean is taken twice, so that rows of equal numbers have exactly the variance 0. */
    @Override
    public List<Expr> decomposed(List<Expr> inputs) {
        Expr x = inputs.get(0);
        Expr weight = inputs.get(1);
        int[] last = last(x.shape(), weight.shape());
        Expr rough = mean(x, last);
        Expr mean = rough.add(mean(x.sub(rough), last));
        Expr centred = x.sub(mean);
        Expr inverse = mean(centred.square(), last).add(eps).sqrt().reciprocal();
        return List.of(centred.mul(inverse).mul(weight).add(inputs.get(2)), mean, inverse);
    }

    /** By its kernel, if the gradient of y is all there is. */
    @Override
    public List<Expr> gradient(Expr node, List<Expr> gradients) {
        if (gradients.get(1) != Expr.none() || gradients.get(2) != Expr.none()) {
            return Compound.super.gradient(node, gradients);
        }
        Expr x = node.input(0);
        Expr back =
                new Expr(new Gradient(), List.of(gradients.get(0), x, node.result(1), node.result(2), node.input(1)));
        return List.of(back, back.result(1), back.result(2));
    }

    @Override
    public List<AxisRule> axes(Expr node) {
        return rows(node, 1, axis -> Collections.nCopies(3, new Made(Join.CONCATENATION, Along.axis(axis))), 1);
    }

    @Override
    public String toString() {
        return "layerNorm";
    }

    /** The axes that a row lies along. */
    private static int[] last(Shape x, Shape row) {
        return IntStream.range(x.rank() - row.rank(), x.rank()).toArray();
    }

    private static Expr mean(Expr x, int[] axes) {
        double count = IntStream.of(axes).mapToDouble(x.shape()::dim).reduce(1, (a, b) -> a * b);
        return x.sumKeepDims(axes).div(count);
    }

    /** Rows are computed one by one: the first operands are cut with them, weights are whole. */
    private static List<AxisRule> rows(Expr node, int cut, IntFunction<List<Made>> results, int weight) {
        int rows = node.shape().rank() - node.input(weight).shape().rank();
        return IntStream.range(0, rows)
                .mapToObj(axis -> new AxisRule(
                        node.shape().dim(axis),
                        results.apply(axis),
                        IntStream.range(0, node.inputs().size())
                                .mapToObj(i -> i < cut ? Along.axis(axis) : Along.WHOLE)
                                .toList()))
                .toList();
    }

    /**
     * The gradient of a layer normalisation. Operands: the gradient of y, x, its mean and 1 / √(variance + ε) in each row, and the
     * weight. Results: the gradients of x, of the weight and of the bias.
     */
    public record Gradient() implements Compound {
        private static final int WEIGHT = 4;

        @Override
        public List<Shape> shapes(List<Expr> inputs) {
            Errors.requireFloat(this, inputs);
            Shape x = inputs.get(1).shape();
            Shape row = inputs.get(WEIGHT).shape();
            Errors.requireRow(this, row, x);
            Errors.requireShape(this, x, inputs.get(0).shape());
            Shape statistic = x.keeping(last(x, row));
            Errors.requireShape(this, statistic, inputs.get(2).shape());
            Errors.requireShape(this, statistic, inputs.get(3).shape());
            return List.of(x, row, row);
        }

        @Override
        public List<Expr> decomposed(List<Expr> inputs) {
            Expr g = inputs.get(0);
            Expr inverse = inputs.get(3);
            Expr weight = inputs.get(WEIGHT);
            Expr normalised = inputs.get(1).sub(inputs.get(2)).mul(inverse);
            Expr weighted = g.mul(weight);
            int[] last = last(g.shape(), weight.shape());
            Expr along = normalised.mul(mean(weighted.mul(normalised), last));
            int[] rows = IntStream.range(0, last[0]).toArray();
            return List.of(
                    weighted.sub(mean(weighted, last)).sub(along).mul(inverse),
                    g.mul(normalised).sum(rows),
                    g.sum(rows));
        }

        @Override
        public List<AxisRule> axes(Expr node) {
            Made sum = new Made(Join.SUM, Along.WHOLE);
            return rows(
                    node, WEIGHT, axis -> List.of(new Made(Join.CONCATENATION, Along.axis(axis)), sum, sum), WEIGHT);
        }

        @Override
        public String toString() {
            return "layerNormGradient";
        }
    }
}
