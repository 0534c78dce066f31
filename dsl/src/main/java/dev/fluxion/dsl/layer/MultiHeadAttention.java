package dev.fluxion.dsl.layer;

import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Attention;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.List;
import java.util.Optional;

/**
 * Attention with several heads (Vaswani et al., "Attention is all you need", 2017). Each position of a sequence N×T×E asks all
 * of them, or with {@link #causal()} itself and those before it, or with {@link #memory(String)} those of another sequence: each
 * head gives softmax(q·kᵀ/√(E/heads) + mask)·v, where q, k and v are linear in the inputs, and the output N×T×E is linear in all
 * heads. Parameters, as in PyTorch: {@code in_proj_weight} and {@code in_proj_bias}, the rows of q, k and v one after the other,
 * {@code out_proj.weight} and {@code out_proj.bias}; where keys or values are made of another width, {@code q_proj_weight},
 * {@code k_proj_weight} and {@code v_proj_weight} for the first.
 *
 * @param width the extent E of the input's and the output's last axis
 * @param heads the number of heads, a divisor of the width
 * @param keyHeads the number of heads of keys and values, a divisor of the heads: neighbouring heads share them
 * @param bias whether there are biases
 * @param dropout the probability with which a weight of the softmax is set to 0 in training
 * @param isRotary whether queries and keys are rotated by their positions
 * @param memory what keys and values are made of
 * @param hides what hides keys
 * @param weights the name that the weights of the softmax get, empty for none
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record MultiHeadAttention(
        int width,
        int heads,
        int keyHeads,
        boolean bias,
        double dropout,
        boolean isRotary,
        Memory memory,
        Hides hides,
        String weights,
        String named,
        CallSite callSite)
        implements NamedLayer {
    /**
     * What keys and values are made of.
     *
     * @param keys the name of the value that keys are made of, empty for the input
     * @param values the name of the value that values are made of, empty for the input
     * @param keyWidth the extent of the last axis of what keys are made of, 0 for that of the input
     * @param valueWidth the extent of the last axis of what values are made of, 0 for that of the input
     */
    public record Memory(String keys, String values, int keyWidth, int valueWidth) {
        static final Memory NONE = new Memory("", "", 0, 0);

        /** Checks that all are there. */
        public Memory {
            String what = "the memory of an attention";
            Given.require(what, "the name of the keys", keys);
            Given.require(what, "the name of the values", values);
        }

        /** The extent of the last axis of what keys are made of, for an input of a width. */
        int keyWidth(int width) {
            return keyWidth == 0 ? width : keyWidth;
        }

        /** The extent of the last axis of what values are made of, for an input of a width. */
        int valueWidth(int width) {
            return valueWidth == 0 ? width : valueWidth;
        }

        private void require(Shape input, Shape ofKeys, Shape ofValues) {
            int width = keyWidth(input.dim(2));
            if (ofKeys.rank() != 3 || ofKeys.dim(0) != input.dim(0) || ofKeys.dim(2) != width) {
                throw new ShapeException(
                        keys.isEmpty() ? Errors.noMemory(this, input) : Errors.notMemory(keys, input, width, ofKeys));
            }
            Shape expected = ofKeys.with(2, valueWidth(input.dim(2)));
            if (!ofValues.equals(expected)) {
                throw new ShapeException(
                        values.isEmpty() ? Errors.noMemory(this, input) : Errors.notValues(values, expected, ofValues));
            }
        }

        @Override
        public String toString() {
            String names = keys.equals(values) ? keys : keys + "\", \"" + values;
            int[] widths = keyWidth == valueWidth ? new int[] {keyWidth} : new int[] {keyWidth, valueWidth};
            return Text.quoted("memory", names) + (keyWidth == 0 ? "" : "." + Text.call("memoryWidth", widths));
        }
    }

    /**
     * What hides keys.
     *
     * @param isCausal whether position i sees only keys 0 to i
     * @param padding the name of the value that hides keys of samples, empty for none
     * @param mask the name of the value that hides keys from queries, empty for none
     */
    public record Hides(boolean isCausal, String padding, String mask) {
        static final Hides NONE = new Hides(false, "", "");

        /** Checks that all are there. */
        public Hides {
            String what = "what hides keys of an attention";
            Given.require(what, "the name of the padding", padding);
            Given.require(what, "the name of the mask", mask);
        }
    }

    /** Checks the numbers. */
    public MultiHeadAttention {
        Arguments.requireIdentity("multiHeadAttention", named, callSite);
        String text = head(width, heads);
        requireHeads(text, callSite, width, heads);
        Arguments.requireAtLeast(text, callSite, "keyHeads", 1, keyHeads);
        Arguments.requireDivisor(text, callSite, "keyHeads", keyHeads, "heads", heads);
        Numbers.requireProbability(Text.place(text, callSite), "dropout", dropout);
        Given.require(Text.place(text, callSite), "the memory", memory);
        Given.require(Text.place(text, callSite), "what hides keys", hides);
        Given.require(Text.place(text, callSite), "the name of the weights", weights);
        Arguments.requireAtLeast(text, callSite, "the width of the keys' memory", 0, memory.keyWidth);
        Arguments.requireAtLeast(text, callSite, "the width of the values' memory", 0, memory.valueWidth);
        if (isRotary && width / heads % 2 != 0) {
            throw new IllegalArgumentException(Errors.oddHeads(text, callSite, width / heads));
        }
    }

    /** The attention of a layer of this name. */
    static MultiHeadAttention of(String layer, int width, int heads, CallSite callSite) {
        requireHeads(Text.call(layer, width, heads), callSite, width, heads);
        return new MultiHeadAttention(width, heads, heads, true, 0, false, Memory.NONE, Hides.NONE, "", "", callSite);
    }

    private static void requireHeads(String text, CallSite callSite, int width, int heads) {
        Arguments.requireAtLeast(text, callSite, "the width", 1, width);
        Arguments.requireAtLeast(text, callSite, "heads", 1, heads);
        Arguments.requireDivisor(text, callSite, "heads", heads, "elements of the width", width);
    }

    /** This layer with fewer heads of keys and values, each of which neighbouring heads of queries share. */
    public MultiHeadAttention keyHeads(int count) {
        return new MultiHeadAttention(
                width, heads, count, bias, dropout, isRotary, memory, hides, weights, named, callSite);
    }

    /** This layer with or without biases. */
    public MultiHeadAttention bias(boolean with) {
        return new MultiHeadAttention(
                width, heads, keyHeads, with, dropout, isRotary, memory, hides, weights, named, callSite);
    }

    /** This layer with positions that see only themselves and those before them: position i sees keys 0 to i, of a memory as well. */
    public MultiHeadAttention causal() {
        return with(new Hides(true, hides.padding, hides.mask));
    }

    /** This layer with a probability, in [0, 1], with which a weight of the softmax is set to 0 in training. */
    public MultiHeadAttention dropout(double p) {
        return new MultiHeadAttention(
                width, heads, keyHeads, bias, p, isRotary, memory, hides, weights, named, callSite);
    }

    /**
     * This layer with queries and keys rotated by their positions (Su et al., "RoFormer", 2021): element i of a head of extent D and
     * element i + D/2 are a point in the plane, which position t turns by t·10000^(−2i/D), as in Llama and GPT-NeoX.
     */
    public MultiHeadAttention rotary() {
        return new MultiHeadAttention(
                width, heads, keyHeads, bias, dropout, true, memory, hides, weights, named, callSite);
    }

    /**
     * This layer with keys and values from another sequence, N×S×E, of this name: an input of the model, or what was named
     * before by {@link Layers#as}.
     */
    public MultiHeadAttention memory(String name) {
        return memory(name, name);
    }

    /** This layer with keys from one sequence, N×S×E, and values from another, of as many positions; see {@link #memory(String)}. */
    public MultiHeadAttention memory(String keys, String values) {
        String ofKeys = Arguments.requireValueName(this, callSite, "the memory", keys);
        String ofValues = Arguments.requireValueName(this, callSite, "the memory of values", values);
        return with(new Memory(ofKeys, ofValues, memory.keyWidth, memory.valueWidth));
    }

    /** This layer with a memory N×S×width: kdim and vdim of PyTorch. */
    public MultiHeadAttention memoryWidth(int extent) {
        return memoryWidth(extent, extent);
    }

    /** This layer with keys from a memory N×S×keys, and values from one N×S×values: kdim and vdim of PyTorch. */
    public MultiHeadAttention memoryWidth(int keys, int values) {
        Arguments.requireAtLeast(this, callSite, "the width of the keys' memory", 1, keys);
        Arguments.requireAtLeast(this, callSite, "the width of the values' memory", 1, values);
        return with(new Memory(memory.keys, memory.values, keys, values));
    }

    private MultiHeadAttention with(Memory other) {
        return new MultiHeadAttention(
                width, heads, keyHeads, bias, dropout, isRotary, other, hides, weights, named, callSite);
    }

    private MultiHeadAttention with(Hides other) {
        return new MultiHeadAttention(
                width, heads, keyHeads, bias, dropout, isRotary, memory, other, weights, named, callSite);
    }

    /**
     * This layer with keys that a value of this name hides, N×S: as in PyTorch, integers hide where they are not 0, and floats
     * are added to the logits, so that −∞ hides. A sample without a key that its queries see is refused.
     */
    public MultiHeadAttention keyPaddingMask(String name) {
        String checked = Arguments.requireValueName(this, callSite, "the keyPaddingMask", name);
        return with(new Hides(hides.isCausal, checked, hides.mask));
    }

    /**
     * This layer with a mask of this name, T×S for all samples and heads, N×T×S for all heads, or N×heads×T×S: as in PyTorch,
     * integers hide where they are not 0, and floats are added to the logits, so that −∞ hides. A query that sees no key is
     * refused.
     */
    public MultiHeadAttention mask(String name) {
        String checked = Arguments.requireValueName(this, callSite, "the mask", name);
        return with(new Hides(hides.isCausal, hides.padding, checked));
    }

    /**
     * This layer with a name for its weights N×heads×T×S, those of a query's keys 1 in sum, by which others read them, as in
     * {@code input("weights"), output("weights")}; in training, what dropout leaves of them. The mean over heads is what PyTorch
     * returns. Who reads them needs memory for all of them.
     */
    public MultiHeadAttention weights(String name) {
        String checked = Arguments.requireValueName(this, callSite, "the name of the weights", name);
        return new MultiHeadAttention(
                width, heads, keyHeads, bias, dropout, isRotary, memory, hides, checked, named, callSite);
    }

    /** This layer with a name that replaces its position in parameter names. */
    public MultiHeadAttention named(String name) {
        String checked = Arguments.requireName(this, callSite, name);
        return new MultiHeadAttention(
                width, heads, keyHeads, bias, dropout, isRotary, memory, hides, weights, checked, callSite);
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        Scope own = LayerCalls.scope(this, scope);
        return LayerCalls.layer(this, callSite, own, x, input -> make(own, input), this::hint);
    }

    private Expr make(Scope scope, Expr x) {
        Arguments.requireSequences(width, x.shape());
        Expr keys = memory.keys.isEmpty() ? x : scope.value(memory.keys);
        Expr values = memory.values.isEmpty() ? x : scope.value(memory.values);
        memory.require(x.shape(), keys.shape(), values.shape());
        requireSession(scope, x, keys, values);
        List<Expr> rows = new Projections(this, scope).of(List.of(x, keys, values));
        int size = width / heads;
        Expr q = placed(scope, split(rows.get(0), x.shape(), size));
        Expr k = shared(scope.history("k", placed(scope, split(rows.get(1), keys.shape(), size))));
        Expr v = shared(scope.history("v", split(rows.get(2), values.shape(), size)));
        Sight sight = sight(scope, x, keys, k.shape().dim(1) > keys.shape().dim(1));
        List<Expr> masks = new Masks(scope, hides, sight).of(q.shape(), k.shape());
        Expr mixed = mixed(scope, q, k, v, masks, sight == Sight.EARLIER);
        if (!weights.isEmpty()) {
            scope.define(weights, ((Attention) mixed.op()).weights(mixed.inputs()));
        }
        Linear out = new Linear(width, width, bias, Initializers.fanIn(), Initializers.zeros(), "", "", callSite);
        return LayerCalls.part(out, "out_proj", callSite, scope, mixed.reshape(x.shape()));
    }

    /** What goes on sees nothing behind it, as far as positions tell. */
    private void requireSession(Scope scope, Expr x, Expr keys, Expr values) {
        if (!scope.goesOn(keys) && !scope.goesOn(values)) {
            return;
        }
        if (!hides.isCausal) {
            throw new ShapeException(Errors.notCausal());
        }
        if (!hides.mask.isEmpty()) {
            throw new ShapeException(Errors.maskInSession(hides.mask));
        }
        if (!scope.goesOn(x) || scope.goesOn(keys) != scope.goesOn(values)) {
            throw new ShapeException(Errors.someGoOn(memory));
        }
    }

    private Sight sight(Scope scope, Expr x, Expr keys, boolean areKept) {
        if (!hides.isCausal) {
            return Sight.ALL;
        }
        boolean isWhole = scope.goesOn(x) && !scope.goesOn(keys);
        return isWhole ? Sight.UP_TO_POSITION : areKept ? Sight.KEPT : Sight.EARLIER;
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

    private Expr mixed(Scope scope, Expr q, Expr k, Expr v, List<Expr> masks, boolean hidesLater) {
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
                        dropout,
                        isRotary,
                        memory,
                        hides,
                        weights,
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
                + (hides.isCausal ? ".causal()" : "")
                + (isRotary ? ".rotary()" : "")
                + memory
                + Text.quoted("keyPaddingMask", hides.padding)
                + Text.quoted("mask", hides.mask)
                + Text.quoted("weights", weights);
    }
}
