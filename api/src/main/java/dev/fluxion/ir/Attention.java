package dev.fluxion.ir;

import dev.fluxion.ir.AxisRule.Along;
import dev.fluxion.ir.AxisRule.Join;
import dev.fluxion.ir.AxisRule.Made;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Scaled dot-product attention (Vaswani et al., "Attention is all you need", 2017): softmax(q·kᵀ/√D + mask)·v for each sample and
 * head. With dropout, weights of the softmax are 0 with a probability p, and the others are divided by 1 − p.
 *
 * <p>Operands: queries N×T×H×D, keys N×S×H×D, values N×S×H×V, and a mask if there is one, which is added: N×H×T×S, where each but
 * the last extent may be 1; last, with dropout, the seeds of each query N×H×T×2: the weight of a key is kept where what they
 * {@linkplain Draws draw} at its place is at least p. The result is N×T×H×V.
 *
 * @param isCausal whether query t sees no keys but the first t + 1
 * @param dropout p, in [0, 1]
 */
public record Attention(boolean isCausal, double dropout) implements Compound {
    private static final int OPERANDS = 3;

    @Override
    public List<Shape> shapes(List<Expr> inputs) {
        Errors.requireFloat(this, inputs);
        Shape q = inputs.get(0).shape();
        Shape v = inputs.get(2).shape();
        requireHeads(this, q, inputs.get(1).shape(), v);
        requireSeeds(this, dropout, q, inputs, 0);
        requireMask(this, q, v, masks(inputs, 0, dropout));
        return List.of(q.with(3, v.dim(3)));
    }

    private static void requireHeads(Op op, Shape q, Shape k, Shape v) {
        boolean ranks = q.rank() == 4 && k.rank() == 4 && v.rank() == 4;
        if (!ranks || !k.equals(q.with(1, k.dim(1))) || !k.with(3, v.dim(3)).equals(v)) {
            throw new ShapeException(Errors.notHeads(op, q, k, v));
        }
    }

    private static List<Expr> masks(List<Expr> inputs, int first, double dropout) {
        return inputs.subList(first + OPERANDS, inputs.size() - (dropout > 0 ? 1 : 0));
    }

    private static void requireSeeds(Op op, double dropout, Shape q, List<Expr> inputs, int first) {
        if (!(dropout >= 0 && dropout <= 1)) {
            throw new ShapeException(Errors.notDropout(op, dropout));
        }
        if (dropout > 0) {
            Shape expected = Shape.of(q.dim(0), q.dim(2), q.dim(1), Draws.SEEDS);
            if (inputs.size() == first + OPERANDS) {
                throw new ShapeException(Errors.noSeeds(op, expected));
            }
            Errors.requireShape(op, expected, inputs.get(inputs.size() - 1).shape());
        }
    }

    private static void requireMask(Op op, Shape q, Shape v, List<Expr> masks) {
        Shape all = Shape.of(q.dim(0), q.dim(2), q.dim(1), v.dim(1));
        if (masks.size() > 1) {
            throw new ShapeException(Errors.oneMask(op, masks.size()));
        }
        for (Expr mask : masks) {
            Shape own = mask.shape();
            boolean fits = own.rank() == 4 && own.dim(3) == all.dim(3);
            for (int i = 0; fits && i < 3; i++) {
                fits = own.dim(i) == 1 || own.dim(i) == all.dim(i);
            }
            if (!fits) {
                throw new ShapeException(Errors.notMask(op, all, own));
            }
        }
    }

    @Override
    public List<Expr> decomposed(List<Expr> inputs) {
        return List.of(exchanged(weights(inputs).matmul(exchanged(inputs.get(2)))));
    }

    /** How much each query takes of the value of each key, N×H×T×S, for the operands of this attention: with dropout, what is left. */
    public Expr weights(List<Expr> inputs) {
        return dropped(weights(inputs.get(0), inputs.get(1), masks(inputs, 0, dropout), isCausal), inputs, dropout);
    }

    /** How much each query takes of the value of each key, N×H×T×S; over all keys 1 in sum. Operands are those of the attention. */
    private static Expr weights(Expr q, Expr k, List<Expr> masks, boolean isCausal) {
        Expr queries = exchanged(q.mul(scale(q.shape())));
        Expr logits = queries.matmul(exchanged(k).transposeLast());
        for (Expr mask : masks) {
            logits = logits.add(mask);
        }
        return (isCausal ? seen(logits) : logits).softmax(-1);
    }

    /** Weights, or their gradients, with zeros where keys are dropped. */
    private static Expr dropped(Expr weights, List<Expr> inputs, double dropout) {
        if (dropout == 0) {
            return weights;
        }
        Expr drawn = inputs.get(inputs.size() - 1).draws(weights.shape().dim(3));
        float threshold = (float) dropout; // as an engine in float32 compares, so that all drop the same weights
        return weights.mul(drawn.ge(threshold).mul(keptScale(dropout)));
    }

    /** What a weight that is kept is multiplied by. */
    public static double keptScale(double dropout) {
        return dropout == 1 ? 0 : 1 / (1 - dropout);
    }

    static double scale(Shape q) {
        return 1 / Math.sqrt(q.dim(3));
    }

    /** Logits or masks …×T×S of rank 4 with −∞ where a key is behind the query. */
    public static Expr seen(Expr logits) {
        Shape all = Shape.of(logits.shape().dim(2), logits.shape().dim(3));
        Expr query = Expr.iota(all.dim(0)).reshape(all.dim(0), 1).broadcastTo(all);
        Expr key = Expr.iota(all.dim(1)).reshape(1, all.dim(1)).broadcastTo(all);
        return key.gt(query).where(Expr.constant(Double.NEGATIVE_INFINITY), logits);
    }

    private static Expr exchanged(Expr x) {
        return x.transpose(0, 2, 1, 3);
    }

    /** By its kernel, which computes the weights again; that of a mask by all of them. */
    @Override
    public List<Expr> gradient(Expr node, List<Expr> gradients) {
        Expr g = gradients.get(0);
        Expr along = g.mul(node).sumKeepDims(3).transpose(0, 2, 1, 3);
        List<Expr> operands = new ArrayList<>(node.inputs());
        operands.addAll(0, List.of(g, along));
        Expr back = new Expr(new Gradient(isCausal, dropout), operands);
        List<Expr> all = new ArrayList<>(List.of(back, back.result(1), back.result(2)));
        masks(node.inputs(), 0, dropout)
                .forEach(
                        mask -> all.add(Compound.super.gradient(node, gradients).get(OPERANDS)));
        if (dropout > 0) {
            all.add(Expr.none());
        }
        return all;
    }

    @Override
    public List<AxisRule> axes(Expr node) {
        Made samples = new Made(Join.CONCATENATION, Along.axis(0));
        Made heads = new Made(Join.CONCATENATION, Along.axis(2));
        Made rows = new Made(Join.CONCATENATION, Along.axis(1));
        return rules(node, 0, List.of(samples), List.of(heads), List.of(rows));
    }

    /** Samples, heads and queries are computed one by one. A query that sees some keys only has to know which it is. */
    private List<AxisRule> rules(Expr node, int first, List<Made> samples, List<Made> heads, List<Made> rows) {
        Shape q = node.input(first).shape();
        List<AxisRule> rules = new ArrayList<>();
        rules.add(rule(node, first, q.dim(0), samples, 0, 0));
        rules.add(rule(node, first, q.dim(2), heads, 2, 1));
        if (!isCausal) {
            rules.add(rule(node, first, q.dim(1), rows, 1, 2));
        }
        return rules;
    }

    /** Along an axis of queries, and one of what is laid out as masks are. */
    private static AxisRule rule(Expr node, int first, int units, List<Made> results, int axis, int maskAxis) {
        return new AxisRule(
                units,
                results,
                IntStream.range(0, node.inputs().size())
                        .mapToObj(i -> {
                            boolean isKey = i == first + 1 || i == first + 2;
                            if (i == 1 && first > 0 || i >= first + OPERANDS) {
                                boolean same = node.input(i).shape().dim(maskAxis) == 1;
                                return same && units > 1 ? Along.WHOLE : Along.axis(maskAxis);
                            }
                            return isKey && axis == 1 ? Along.WHOLE : Along.axis(axis);
                        })
                        .toList());
    }

    @Override
    public String toString() {
        return isCausal ? "causalAttention" : "attention";
    }

    /**
     * The gradient of an attention. Operands: the gradient g of the result, Σ g·result over each head, N×H×T×1, and those of the
     * attention. Results: the gradients of queries, keys and values.
     *
     * @param isCausal as in the attention
     * @param dropout as in the attention
     */
    public record Gradient(boolean isCausal, double dropout) implements Compound {
        private static final int FIRST = 2;

        @Override
        public List<Shape> shapes(List<Expr> inputs) {
            Errors.requireFloat(this, inputs);
            Shape q = inputs.get(FIRST).shape();
            Shape k = inputs.get(FIRST + 1).shape();
            Shape v = inputs.get(FIRST + 2).shape();
            requireHeads(this, q, k, v);
            Errors.requireShape(this, q.with(3, v.dim(3)), inputs.get(0).shape());
            Errors.requireShape(
                    this,
                    Shape.of(q.dim(0), q.dim(2), q.dim(1), 1),
                    inputs.get(1).shape());
            requireSeeds(this, dropout, q, inputs, FIRST);
            requireMask(this, q, v, masks(inputs, FIRST, dropout));
            return List.of(q, k, v);
        }

        @Override
        public List<Expr> decomposed(List<Expr> inputs) {
            Expr g = exchanged(inputs.get(0));
            Expr q = inputs.get(FIRST);
            Expr k = inputs.get(FIRST + 1);
            Expr weights = weights(q, k, masks(inputs, FIRST, dropout), isCausal);
            Expr change = dropped(g.matmul(exchanged(inputs.get(FIRST + 2)).transposeLast()), inputs, dropout);
            Expr logits = weights.mul(change.sub(inputs.get(1))).mul(scale(q.shape()));
            return List.of(
                    exchanged(logits.matmul(exchanged(k))),
                    exchanged(logits.transposeLast().matmul(exchanged(q))),
                    exchanged(dropped(weights, inputs, dropout).transposeLast().matmul(g)));
        }

        @Override
        public List<AxisRule> axes(Expr node) {
            Made sample = new Made(Join.CONCATENATION, Along.axis(0));
            Made head = new Made(Join.CONCATENATION, Along.axis(2));
            Made row = new Made(Join.CONCATENATION, Along.axis(1));
            Made sum = new Made(Join.SUM, Along.WHOLE);
            return new Attention(isCausal, dropout)
                    .rules(
                            node,
                            FIRST,
                            List.of(sample, sample, sample),
                            List.of(head, head, head),
                            List.of(row, sum, sum));
        }

        @Override
        public String toString() {
            return isCausal ? "causalAttentionGradient" : "attentionGradient";
        }
    }
}
