package dev.fluxion.dsl.layer;

import dev.fluxion.Scope;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.List;

/** The linear maps that make queries, keys and values, with the parameters that PyTorch has for them. */
final class Projections {
    private final Scope scope;
    private final int width;
    private final MultiHeadAttention.Memory memory;
    private final boolean bias;
    /** Where the rows of queries, keys and values begin, and where the last ones end. */
    private final int[] ends;

    Projections(MultiHeadAttention layer, Scope scope) {
        this.scope = scope;
        this.width = layer.width();
        this.memory = layer.memory();
        this.bias = layer.bias();
        int keys = layer.keyHeads() * (width / layer.heads());
        this.ends = new int[] {0, width, width + keys, width + 2 * keys};
    }

    /** The rows of queries, keys and values, one for each position of what they are made of. */
    List<Expr> of(List<Expr> sources) {
        int keyWidth = memory.keyWidth(width);
        int valueWidth = memory.valueWidth(width);
        return keyWidth == width && valueWidth == width
                ? joint(sources)
                : apart(sources, List.of(width, keyWidth, valueWidth));
    }

    /** By one weight. What is made of one value is one product. */
    private List<Expr> joint(List<Expr> sources) {
        Expr weight = weight("in_proj_weight", ends[3], width);
        Expr shift = shift();
        List<Expr> made = new ArrayList<>();
        while (made.size() < 3) {
            int from = made.size();
            int to = from + 1;
            while (to < 3 && sources.get(to) == sources.get(from)) {
                to++;
            }
            Expr own = part(weight, 0, ends[from], ends[to]);
            Expr rows = linear(sources.get(from), own, part(shift, 0, ends[from], ends[to]));
            for (int i = from; i < to; i++) {
                made.add(part(rows, 1, ends[i] - ends[from], ends[i + 1] - ends[from]));
            }
        }
        return made;
    }

    /** By a weight for each. */
    private List<Expr> apart(List<Expr> sources, List<Integer> widths) {
        List<String> names = List.of("q_proj_weight", "k_proj_weight", "v_proj_weight");
        List<Expr> weights = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            weights.add(weight(names.get(i), ends[i + 1] - ends[i], widths.get(i)));
        }
        Expr shift = shift();
        List<Expr> made = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            made.add(linear(sources.get(i), weights.get(i), shift.slice(0, ends[i], ends[i + 1])));
        }
        return made;
    }

    private Expr weight(String name, int out, int in) {
        return scope.parameter(name, Shape.of(out, in), Initializers.xavierUniform());
    }

    private Expr shift() {
        Shape rows = Shape.of(ends[3]);
        return bias
                ? scope.parameter("in_proj_bias", rows, Initializers.zeros())
                : Expr.constant(0).broadcastTo(rows);
    }

    private static Expr part(Expr x, int axis, int from, int to) {
        return to - from == x.shape().dim(axis) ? x : x.slice(axis, from, to);
    }

    private static Expr linear(Expr x, Expr weight, Expr shift) {
        Shape shape = x.shape();
        return x.reshape(shape.dim(0) * shape.dim(1), shape.dim(2))
                .matmul(weight.transposeLast())
                .add(shift);
    }
}
