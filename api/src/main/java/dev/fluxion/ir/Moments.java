package dev.fluxion.ir;

import dev.fluxion.ir.AxisRule.Along;
import dev.fluxion.ir.AxisRule.Join;
import dev.fluxion.ir.AxisRule.Made;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Mean and variance along some axes, which stay with extent 1.
 *
 * <p>Operand: x. Results: the mean, and the biased variance.
 *
 * @param axes the axes, counted from the front, ascending
 */
public record Moments(List<Integer> axes) implements Compound {
    public Moments {
        axes = List.copyOf(axes);
    }

    @Override
    public List<Shape> shapes(List<Expr> inputs) {
        Errors.requireFloat(this, inputs);
        return Collections.nCopies(2, inputs.get(0).shape().keeping(reduced()));
    }

    /** The mean is taken twice, so that equal numbers have exactly the variance 0. */
    @Override
    public List<Expr> decomposed(List<Expr> inputs) {
        Expr x = inputs.get(0);
        Expr rough = mean(x);
        Expr mean = rough.add(mean(x.sub(rough)));
        return List.of(mean, mean(x.sub(mean).square()));
    }

    /** That of the variance passes by the mean, about which deviations add up to 0. */
    @Override
    public List<Expr> gradient(Expr node, List<Expr> gradients) {
        Expr x = node.input(0);
        double count = count(x.shape());
        Expr byMean = gradients.get(0);
        Expr byVariance = gradients.get(1);
        if (byVariance == Expr.none()) {
            return List.of(byMean.mul(1 / count).broadcastTo(x.shape()));
        }
        Expr along = x.sub(node).mul(byVariance.mul(2 / count));
        return List.of(byMean == Expr.none() ? along : along.add(byMean.mul(1 / count)));
    }

    @Override
    public List<AxisRule> axes(Expr node) {
        return IntStream.range(0, node.shape().rank())
                .filter(axis -> !axes.contains(axis))
                .mapToObj(axis -> new AxisRule(
                        node.shape().dim(axis),
                        Collections.nCopies(2, new Made(Join.CONCATENATION, Along.axis(axis))),
                        List.of(Along.axis(axis))))
                .toList();
    }

    @Override
    public String toString() {
        return "moments" + axes;
    }

    private int[] reduced() {
        return axes.stream().mapToInt(a -> a).toArray();
    }

    private double count(Shape x) {
        return axes.stream().mapToDouble(x::dim).reduce(1, (a, b) -> a * b);
    }

    private Expr mean(Expr x) {
        return x.sumKeepDims(reduced()).div(count(x.shape()));
    }
}
