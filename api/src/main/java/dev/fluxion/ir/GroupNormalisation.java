package dev.fluxion.ir;

import dev.fluxion.ir.AxisRule.Along;
import dev.fluxion.ir.AxisRule.Join;
import dev.fluxion.ir.AxisRule.Made;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Group normalisation (Wu and He, 2018): of each sample the channels, axis 1, are divided into groups of neighbours, and each group
 * becomes (x − mean) / √(variance + ε), the variance being the biased one; then each channel is multiplied by a weight and gets a bias.
 *
 * <p>Operands: x N×C×…, weight C, bias C. Results: y like x, and for each sample and group the mean and 1 / √(variance + ε).
 *
 * @param groups the number of groups, which divides that of the channels
 * @param eps ε, added to the variance
 */
public record GroupNormalisation(int groups, double eps) implements Compound {
    /**
     * Checks ε.
     *
     * @throws IllegalArgumentException if it is NaN
     */
    public GroupNormalisation {
        Errors.requireNumber("the eps of groupNorm", eps);
    }

    @Override
    public List<Shape> shapes(List<Expr> inputs) {
        Errors.requireFloat(this, inputs);
        Shape x = inputs.get(0).shape();
        Errors.requireGroups(this, groups, x);
        Errors.requireShape(this, Shape.of(x.dim(1)), inputs.get(1).shape());
        Errors.requireShape(this, Shape.of(x.dim(1)), inputs.get(2).shape());
        Shape statistic = Shape.of(x.dim(0), groups);
        return List.of(x, statistic, statistic);
    }

    /** The mean is taken twice, so that groups of equal numbers have exactly the variance 0. */
    @Override
    public List<Expr> decomposed(List<Expr> inputs) {
        Shape shape = inputs.get(0).shape();
        Expr x = inRows(inputs.get(0), groups);
        Expr rough = mean(x);
        Expr mean = rough.add(mean(x.sub(rough)));
        Expr centred = x.sub(mean);
        Expr inverse = mean(centred.square()).add(eps).sqrt().reciprocal();
        Expr y = centred.mul(inverse).reshape(shape);
        Shape statistic = Shape.of(shape.dim(0), groups);
        return List.of(
                y.mul(along(inputs.get(1), shape)).add(along(inputs.get(2), shape)),
                mean.reshape(statistic),
                inverse.reshape(statistic));
    }

    /** By its kernel, if the gradient of y is all there is. */
    @Override
    public List<Expr> gradient(Expr node, List<Expr> gradients) {
        if (gradients.get(1) != Expr.none() || gradients.get(2) != Expr.none()) {
            return Compound.super.gradient(node, gradients);
        }
        List<Expr> operands = List.of(gradients.get(0), node.input(0), node.result(1), node.result(2), node.input(1));
        Expr back = new Expr(new Gradient(groups), operands);
        return List.of(back, back.result(1), back.result(2));
    }

    @Override
    public List<AxisRule> axes(Expr node) {
        return List.of(new AxisRule(
                node.shape().dim(0),
                Collections.nCopies(3, new Made(Join.CONCATENATION, Along.axis(0))),
                List.of(Along.axis(0), Along.WHOLE, Along.WHOLE)));
    }

    @Override
    public String toString() {
        return "groupNorm";
    }

    /** Each group of each sample as a row. */
    private static Expr inRows(Expr x, int groups) {
        Shape shape = x.shape();
        int size = IntStream.range(1, shape.rank()).map(shape::dim).reduce(1, (a, b) -> a * b);
        return x.reshape(shape.dim(0), groups, size / groups);
    }

    private static Expr mean(Expr rows) {
        return rows.sumKeepDims(2).div(rows.shape().dim(2));
    }

    /** A number of each channel beside x. */
    private static Expr along(Expr channels, Shape x) {
        return channels.reshape(x.keeping(others(x)));
    }

    private static int[] others(Shape x) {
        return IntStream.range(0, x.rank()).filter(axis -> axis != 1).toArray();
    }

    /**
     * The gradient of a group normalisation. Operands: the gradient of y, x, its mean and 1 / √(variance + ε) for each sample and
     * group, and the weight. Results: the gradients of x, of the weight and of the bias.
     *
     * @param groups the number of groups
     */
    public record Gradient(int groups) implements Compound {
        @Override
        public List<Shape> shapes(List<Expr> inputs) {
            Errors.requireFloat(this, inputs);
            Shape x = inputs.get(1).shape();
            Errors.requireGroups(this, groups, x);
            Errors.requireShape(this, x, inputs.get(0).shape());
            Shape statistic = Shape.of(x.dim(0), groups);
            Errors.requireShape(this, statistic, inputs.get(2).shape());
            Errors.requireShape(this, statistic, inputs.get(3).shape());
            Shape channels = Shape.of(x.dim(1));
            Errors.requireShape(this, channels, inputs.get(4).shape());
            return List.of(x, channels, channels);
        }

        @Override
        public List<Expr> decomposed(List<Expr> inputs) {
            Expr g = inputs.get(0);
            Shape shape = g.shape();
            Shape each = Shape.of(shape.dim(0), groups, 1);
            Expr inverse = inputs.get(3).reshape(each);
            Expr normalised = inRows(inputs.get(1), groups)
                    .sub(inputs.get(2).reshape(each))
                    .mul(inverse);
            Expr weighted = inRows(g.mul(along(inputs.get(4), shape)), groups);
            Expr slope = normalised.mul(mean(weighted.mul(normalised)));
            int[] others = others(shape);
            return List.of(
                    weighted.sub(mean(weighted)).sub(slope).mul(inverse).reshape(shape),
                    g.mul(normalised.reshape(shape)).sum(others),
                    g.sum(others));
        }

        @Override
        public List<AxisRule> axes(Expr node) {
            Made sum = new Made(Join.SUM, Along.WHOLE);
            return List.of(new AxisRule(
                    node.shape().dim(0),
                    List.of(new Made(Join.CONCATENATION, Along.axis(0)), sum, sum),
                    List.of(Along.axis(0), Along.axis(0), Along.axis(0), Along.axis(0), Along.WHOLE)));
        }

        @Override
        public String toString() {
            return "groupNormGradient";
        }
    }
}
