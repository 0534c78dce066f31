package dev.fluxion.ir;

import java.util.List;

/**
 * Numbers uniform in [0, 1) that follow from seeds: of each pair of neighbours …×2, in [0, 1) themselves, …×count. The numbers of a
 * pair are always the same, and tell nothing of those of other pairs: see {@link Noise#drawn}. There is no gradient.
 *
 * @param count the numbers of each pair
 */
public record Draws(int count) implements Op {
    /** The seeds of numbers. */
    static final int SEEDS = 2;

    @Override
    public Shape shape(List<Expr> inputs) {
        Errors.requireFloat(this, inputs);
        Shape seeds = inputs.get(0).shape();
        int last = seeds.rank() - 1;
        if (last < 0 || seeds.dim(last) != SEEDS) {
            throw new ShapeException(Errors.notSeeds(this, seeds));
        }
        return seeds.with(last, count);
    }

    @Override
    public List<Expr> gradient(Expr node, Expr g) {
        return List.of(Expr.none());
    }

    @Override
    public List<AxisRule> axes(Expr node) {
        return AxisRule.sameBut(node, node.shape().rank() - 1);
    }

    @Override
    public double[] evaluate(Expr node, double[][] in) {
        double[] out = new double[node.shape().size()];
        for (int i = 0; i < out.length; i++) {
            int pair = i / count * SEEDS;
            out[i] = Noise.drawn(Noise.seed(in[0][pair]), Noise.seed(in[0][pair + 1]), i % count) * 0x1p-24;
        }
        return out;
    }

    @Override
    public Sensitivity sensitivity() {
        return Sensitivity.OWN;
    }

    @Override
    public String toString() {
        return "draws";
    }
}
