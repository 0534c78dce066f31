package dev.fluxion.dsl.layer;

import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.util.Optional;

/**
 * Self-attention with several heads (Vaswani et al., "Attention is all you need", 2017). Each position of a sequence N×T×E asks all
 * of them, or with {@link #causal()} itself and those before it: each head gives softmax(q·kᵀ/√(E/heads))·v, where q, k and v are
 * linear in the inputs, and the output N×T×E is linear in all heads. Parameters, as in PyTorch: {@code in_proj_weight} and
 * {@code in_proj_bias}, the rows of q, k and v one after the other, {@code out_proj.weight} and {@code out_proj.bias}.
 *
 * @param width the extent E of the input's and the output's last axis
 * @param heads the number of heads, a divisor of the width
 * @param keyHeads the number of heads of keys and values, a divisor of the heads: neighbouring heads share them
 * @param bias whether there are biases
 * @param isCausal whether a position sees only itself and those before it
 * @param dropout the probability with which a weight of the softmax is set to 0 in training
 * @param isRotary whether queries and keys are rotated by their positions
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record MultiHeadAttention(
        int width,
        int heads,
        int keyHeads,
        boolean bias,
        boolean isCausal,
        double dropout,
        boolean isRotary,
        String named,
        CallSite callSite)
        implements NamedLayer {
    /** Checks the numbers. */
    public MultiHeadAttention {
        Arguments.requireIdentity("multiHeadAttention", named, callSite);
        String text = head(width, heads);
        requireHeads(text, callSite, width, heads);
        Arguments.requireAtLeast(text, callSite, "keyHeads", 1, keyHeads);
        Arguments.requireDivisor(text, callSite, "keyHeads", keyHeads, "heads", heads);
        Numbers.requireFraction(Text.place(text, callSite), "dropout", dropout);
        if (isRotary && width / heads % 2 != 0) {
            throw new IllegalArgumentException(Errors.oddHeads(text, callSite, width / heads));
        }
    }

    /** The attention of a layer of this name. */
    static MultiHeadAttention of(String layer, int width, int heads, CallSite callSite) {
        requireHeads(Text.call(layer, width, heads), callSite, width, heads);
        return new MultiHeadAttention(width, heads, heads, true, false, 0, false, "", callSite);
    }

    private static void requireHeads(String text, CallSite callSite, int width, int heads) {
        Arguments.requireAtLeast(text, callSite, "the width", 1, width);
        Arguments.requireAtLeast(text, callSite, "heads", 1, heads);
        Arguments.requireDivisor(text, callSite, "heads", heads, "elements of the width", width);
    }

    /** This layer with fewer heads of keys and values, each of which neighbouring heads of queries share. */
    public MultiHeadAttention keyHeads(int count) {
        return new MultiHeadAttention(width, heads, count, bias, isCausal, dropout, isRotary, named, callSite);
    }

    /** This layer with or without biases. */
    public MultiHeadAttention bias(boolean with) {
        return new MultiHeadAttention(width, heads, keyHeads, with, isCausal, dropout, isRotary, named, callSite);
    }

    /** This layer with positions that see only themselves and those before them. */
    public MultiHeadAttention causal() {
        return new MultiHeadAttention(width, heads, keyHeads, bias, true, dropout, isRotary, named, callSite);
    }

    /** This layer with a probability, in [0, 1), with which a weight of the softmax is set to 0 in training. */
    public MultiHeadAttention dropout(double p) {
        return new MultiHeadAttention(width, heads, keyHeads, bias, isCausal, p, isRotary, named, callSite);
    }

    /**
     * This layer with queries and keys rotated by their positions (Su et al., "RoFormer", 2021): element i of a head of extent D and
     * element i + D/2 are a point in the plane, which position t turns by t·10000^(−2i/D), as in Llama and GPT-NeoX.
     */
    public MultiHeadAttention rotary() {
        return new MultiHeadAttention(width, heads, keyHeads, bias, isCausal, dropout, true, named, callSite);
    }

    /** This layer with a name that replaces its position in parameter names. */
    public MultiHeadAttention named(String name) {
        String checked = Arguments.requireName(this, callSite, name);
        return new MultiHeadAttention(width, heads, keyHeads, bias, isCausal, dropout, isRotary, checked, callSite);
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        Scope own = LayerCalls.scope(this, scope);
        return LayerCalls.layer(this, callSite, own, x, input -> make(own, input), this::hint);
    }

    private Expr make(Scope scope, Expr x) {
        Arguments.requireSequences(width, x.shape());
        int size = width / heads;
        int keys = keyHeads * size;
        Shape shape = Shape.of(width + 2 * keys, width);
        Expr weight = scope.parameter("in_proj_weight", shape, Initializers.xavierUniform());
        Expr shift =
                bias ? scope.parameter("in_proj_bias", Shape.of(shape.dim(0)), Initializers.zeros()) : Expr.constant(0);
        Expr all = x.reshape(x.shape().dim(0) * x.shape().dim(1), width)
                .matmul(weight.transposeLast())
                .add(shift)
                .reshape(x.shape().with(2, shape.dim(0)));
        Expr q = placed(split(all.slice(2, 0, width), size));
        Expr k = placed(split(all.slice(2, width, width + keys), size));
        Expr v = split(all.slice(2, width + keys, width + 2 * keys), size);
        Expr mixed = Attention.of(q, k, v, isCausal, weights -> Dropout.of(scope, weights, dropout));
        Linear out = new Linear(width, width, bias, Initializers.fanIn(), Initializers.zeros(), "", "", callSite);
        return LayerCalls.part(out, "out_proj", callSite, scope, mixed.reshape(x.shape()));
    }

    /** The heads on an axis of their own. */
    private static Expr split(Expr x, int size) {
        Shape shape = x.shape();
        return x.reshape(shape.dim(0), shape.dim(1), shape.dim(2) / size, size);
    }

    private Expr placed(Expr x) {
        return isRotary ? Positions.rotated(x) : x;
    }

    private String hint(Shape input) {
        return fitting(input).map(Errors::didYouMean).orElse("");
    }

    /** The same layer for an input, if there is one. */
    Optional<MultiHeadAttention> fitting(Shape input) {
        boolean fits = input.rank() == 3 && input.dim(2) > 0 && input.dim(2) % heads == 0;
        return fits && !(isRotary && input.dim(2) / heads % 2 != 0)
                ? Optional.of(new MultiHeadAttention(
                        input.dim(2), heads, keyHeads, bias, isCausal, dropout, isRotary, named, callSite))
                : Optional.empty();
    }

    private static String head(int width, int heads) {
        return Text.call("multiHeadAttention", width, heads);
    }

    /** The layer as the user wrote it. */
    @Override
    public String toString() {
        return head(width, heads) + Text.option("dropout", dropout, 0) + options() + Text.named(named);
    }

    /** The options but the dropout, as the user wrote them. */
    String options() {
        return (keyHeads == heads ? "" : ".keyHeads(" + keyHeads + ")")
                + (bias ? "" : ".bias(false)")
                + (isCausal ? ".causal()" : "")
                + (isRotary ? ".rotary()" : "");
    }
}
