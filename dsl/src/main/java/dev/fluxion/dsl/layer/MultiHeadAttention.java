package dev.fluxion.dsl.layer;

import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.List;
import java.util.Optional;

/**
 * Attention with several heads (Vaswani et al., "Attention is all you need", 2017). Each position of a sequence N×T×E asks all
 * of them, or with {@link #causal()} itself and those before it, or with {@link #memory} those of another sequence: each head
 * gives softmax(q·kᵀ/√(E/heads) + mask)·v, where q, k and v are linear in the inputs, and the output N×T×E is linear in all
 * heads. Parameters, as in PyTorch: {@code in_proj_weight} and {@code in_proj_bias}, the rows of q, k and v one after the other,
 * {@code out_proj.weight} and {@code out_proj.bias}.
 *
 * @param width the extent E of the input's and the output's last axis
 * @param heads the number of heads, a divisor of the width
 * @param keyHeads the number of heads of keys and values, a divisor of the heads: neighbouring heads share them
 * @param bias whether there are biases
 * @param isCausal whether a position sees only itself and those before it
 * @param dropout the probability with which a weight of the softmax is set to 0 in training
 * @param isRotary whether queries and keys are rotated by their positions
 * @param memory the name of the value that keys and values are made of, empty for the input
 * @param keyPaddingMask the name of the value that hides keys, empty for none
 * @param mask the name of the value that hides keys from queries, empty for none
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
        String memory,
        String keyPaddingMask,
        String mask,
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
        Numbers.requireProbability(Text.place(text, callSite), "dropout", dropout);
        Given.require(Text.place(text, callSite), "the memory", memory);
        Given.require(Text.place(text, callSite), "the keyPaddingMask", keyPaddingMask);
        Given.require(Text.place(text, callSite), "the mask", mask);
        if (isCausal && !memory.isEmpty()) {
            throw new IllegalArgumentException(Errors.causalMemory(text, callSite));
        }
        if (isRotary && width / heads % 2 != 0) {
            throw new IllegalArgumentException(Errors.oddHeads(text, callSite, width / heads));
        }
    }

    /** The attention of a layer of this name. */
    static MultiHeadAttention of(String layer, int width, int heads, CallSite callSite) {
        requireHeads(Text.call(layer, width, heads), callSite, width, heads);
        return new MultiHeadAttention(width, heads, heads, true, false, 0, false, "", "", "", "", callSite);
    }

    private static void requireHeads(String text, CallSite callSite, int width, int heads) {
        Arguments.requireAtLeast(text, callSite, "the width", 1, width);
        Arguments.requireAtLeast(text, callSite, "heads", 1, heads);
        Arguments.requireDivisor(text, callSite, "heads", heads, "elements of the width", width);
    }

    /** This layer with fewer heads of keys and values, each of which neighbouring heads of queries share. */
    public MultiHeadAttention keyHeads(int count) {
        return new MultiHeadAttention(
                width, heads, count, bias, isCausal, dropout, isRotary, memory, keyPaddingMask, mask, named, callSite);
    }

    /** This layer with or without biases. */
    public MultiHeadAttention bias(boolean with) {
        return new MultiHeadAttention(
                width,
                heads,
                keyHeads,
                with,
                isCausal,
                dropout,
                isRotary,
                memory,
                keyPaddingMask,
                mask,
                named,
                callSite);
    }

    /** This layer with positions that see only themselves and those before them. */
    public MultiHeadAttention causal() {
        return new MultiHeadAttention(
                width, heads, keyHeads, bias, true, dropout, isRotary, memory, keyPaddingMask, mask, named, callSite);
    }

    /** This layer with a probability, in [0, 1], with which a weight of the softmax is set to 0 in training. */
    public MultiHeadAttention dropout(double p) {
        return new MultiHeadAttention(
                width, heads, keyHeads, bias, isCausal, p, isRotary, memory, keyPaddingMask, mask, named, callSite);
    }

    /**
     * This layer with queries and keys rotated by their positions (Su et al., "RoFormer", 2021): element i of a head of extent D and
     * element i + D/2 are a point in the plane, which position t turns by t·10000^(−2i/D), as in Llama and GPT-NeoX.
     */
    public MultiHeadAttention rotary() {
        return new MultiHeadAttention(
                width, heads, keyHeads, bias, isCausal, dropout, true, memory, keyPaddingMask, mask, named, callSite);
    }

    /**
     * This layer with keys and values from another sequence, N×S×E, of this name: an input of the model, or what was named
     * before by {@link Layers#as}.
     */
    public MultiHeadAttention memory(String name) {
        String checked = Arguments.requireValueName(this, callSite, "the memory", name);
        return new MultiHeadAttention(
                width,
                heads,
                keyHeads,
                bias,
                isCausal,
                dropout,
                isRotary,
                checked,
                keyPaddingMask,
                mask,
                named,
                callSite);
    }

    /**
     * This layer with keys that a value of this name hides, N×S: as in PyTorch, integers hide where they are not 0, and floats
     * are added to the logits, so that −∞ hides. A sample without a key that its queries see is refused.
     */
    public MultiHeadAttention keyPaddingMask(String name) {
        String checked = Arguments.requireValueName(this, callSite, "the keyPaddingMask", name);
        return new MultiHeadAttention(
                width, heads, keyHeads, bias, isCausal, dropout, isRotary, memory, checked, mask, named, callSite);
    }

    /**
     * This layer with a mask of this name, T×S for all samples and heads, N×T×S for all heads, or N×heads×T×S: as in PyTorch,
     * integers hide where they are not 0, and floats are added to the logits, so that −∞ hides. A query that sees no key is
     * refused.
     */
    public MultiHeadAttention mask(String name) {
        String checked = Arguments.requireValueName(this, callSite, "the mask", name);
        return new MultiHeadAttention(
                width,
                heads,
                keyHeads,
                bias,
                isCausal,
                dropout,
                isRotary,
                memory,
                keyPaddingMask,
                checked,
                named,
                callSite);
    }

    /** This layer with a name that replaces its position in parameter names. */
    public MultiHeadAttention named(String name) {
        String checked = Arguments.requireName(this, callSite, name);
        return new MultiHeadAttention(
                width,
                heads,
                keyHeads,
                bias,
                isCausal,
                dropout,
                isRotary,
                memory,
                keyPaddingMask,
                mask,
                checked,
                callSite);
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
        int rows = width + 2 * keys;
        Expr weight = scope.parameter("in_proj_weight", Shape.of(rows, width), Initializers.xavierUniform());
        Expr shift = bias
                ? scope.parameter("in_proj_bias", Shape.of(rows), Initializers.zeros())
                : Expr.constant(0).broadcastTo(Shape.of(rows));
        Expr from = memory.isEmpty() ? x : memory(scope, x);
        requireSession(scope, from);
        Expr all = memory.isEmpty()
                ? linear(x, weight, shift)
                : linear(from, weight.slice(0, width, rows), shift.slice(0, width, rows));
        Expr asked = memory.isEmpty()
                ? all.slice(1, 0, width)
                : linear(x, weight.slice(0, 0, width), shift.slice(0, 0, width));
        int first = memory.isEmpty() ? width : 0;
        Expr q = placed(scope, split(asked, x.shape(), size));
        Expr ownK = placed(scope, split(all.slice(1, first, first + keys), from.shape(), size));
        Expr ownV = split(all.slice(1, first + keys, first + 2 * keys), from.shape(), size);
        Expr k = shared(scope.history("k", ownK));
        Expr v = shared(scope.history("v", ownV));
        List<Expr> masks = new Masks(scope, keyPaddingMask, mask, isCausal).of(q.shape(), k.shape());
        Linear out = new Linear(width, width, bias, Initializers.fanIn(), Initializers.zeros(), "", "", callSite);
        return LayerCalls.part(
                out, "out_proj", callSite, scope, mixed(scope, q, k, v, masks).reshape(x.shape()));
    }

    /** What goes on sees nothing behind it, as far as positions tell. */
    private void requireSession(Scope scope, Expr from) {
        if (scope.goesOn(from) && (!isCausal || !mask.isEmpty())) {
            throw new ShapeException(isCausal ? Errors.maskInSession(mask) : Errors.notCausal());
        }
    }

    private Expr memory(Scope scope, Expr x) {
        Expr value = scope.value(memory);
        Shape shape = value.shape();
        if (shape.rank() != 3 || shape.dim(0) != x.shape().dim(0) || shape.dim(2) != width) {
            throw new ShapeException(Errors.notMemory(memory, x.shape(), shape));
        }
        return value;
    }

    private static Expr linear(Expr x, Expr weight, Expr shift) {
        Shape shape = x.shape();
        return x.reshape(shape.dim(0) * shape.dim(1), shape.dim(2))
                .matmul(weight.transposeLast())
                .add(shift);
    }

    /** The heads of all positions of sequences. */
    private static Expr split(Expr rows, Shape sequences, int size) {
        return rows.reshape(sequences.dim(0), sequences.dim(1), rows.shape().dim(1) / size, size);
    }

    private Expr placed(Scope scope, Expr x) {
        return isRotary ? Positions.rotated(scope, x) : x;
    }

    /** Each head of keys or values as often as heads of queries read it. */
    private Expr shared(Expr x) {
        Shape shape = x.shape();
        Shape single = Shape.of(shape.dim(0), shape.dim(1), keyHeads, 1, shape.dim(3));
        return keyHeads == heads
                ? x
                : x.reshape(single)
                        .broadcastTo(single.with(3, heads / keyHeads))
                        .reshape(shape.with(2, heads));
    }

    private Expr mixed(Scope scope, Expr q, Expr k, Expr v, List<Expr> masks) {
        boolean hidesLater = isCausal && k.shape().dim(1) == q.shape().dim(1);
        if (!scope.training() || dropout == 0) {
            return q.attention(k, v, masks, hidesLater);
        }
        Shape shape = q.shape();
        Expr seeds = scope.uniform(Shape.of(shape.dim(0), shape.dim(2), shape.dim(1), 2));
        return q.attention(k, v, masks, hidesLater, dropout, seeds);
    }

    private String hint(Shape input) {
        return fitting(input).map(Errors::didYouMean).orElse("");
    }

    /** The same layer for an input, if there is one. */
    Optional<MultiHeadAttention> fitting(Shape input) {
        boolean other = input.rank() == 3 && input.dim(2) != width;
        boolean fits = other && input.dim(2) > 0 && input.dim(2) % heads == 0;
        return fits && !(isRotary && input.dim(2) / heads % 2 != 0)
                ? Optional.of(new MultiHeadAttention(
                        input.dim(2),
                        heads,
                        keyHeads,
                        bias,
                        isCausal,
                        dropout,
                        isRotary,
                        memory,
                        keyPaddingMask,
                        mask,
                        named,
                        callSite))
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
                + (isRotary ? ".rotary()" : "")
                + Text.quoted("memory", memory)
                + Text.quoted("keyPaddingMask", keyPaddingMask)
                + Text.quoted("mask", mask);
    }
}
