package dev.fluxion.dsl.layer;

import dev.fluxion.Layer;
import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import java.util.function.UnaryOperator;

/**
 * A layer of a transformer's decoder (Vaswani et al., "Attention is all you need", 2017) over sequences N×T×E: self-attention, then
 * attention to a memory N×S×E, then two linear layers for each position. Each is added to its input, and the sum is normalised, or
 * with {@link #normFirst()} the input. As in PyTorch, positions see those behind them unless it is {@link #causal()}. Parameters, as
 * in PyTorch: {@code self_attn.…}, {@code multihead_attn.…}, {@code linear1.…}, {@code linear2.…}, {@code norm1.…} to
 * {@code norm3.…}.
 *
 * @param attention the self-attention; the layer's dropout replaces its own
 * @param memoryAttention the attention to the memory; the layer's dropout replaces its own
 * @param feedForward the extent between the linear layers
 * @param activation the function between the linear layers
 * @param isNormFirst whether normalisations go before attention and linear layers, not behind the sums
 * @param eps ε of the normalisations
 * @param bias whether there are biases
 * @param dropout the probability with which a weight of an attention, or an element of what is added or between the linear layers,
 *     is set to 0 in training
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record TransformerDecoderLayer(
        MultiHeadAttention attention,
        MultiHeadAttention memoryAttention,
        int feedForward,
        Layer activation,
        boolean isNormFirst,
        double eps,
        boolean bias,
        double dropout,
        String named,
        CallSite callSite)
        implements NamedLayer {
    private static final int FEED_FORWARD = TransformerEncoderLayer.FEED_FORWARD;
    private static final double DROPOUT = TransformerEncoderLayer.DROPOUT;
    private static final String MEMORY = "memory";
    private static final String NAME = "transformerDecoderLayer";

    /** Checks the numbers. */
    public TransformerDecoderLayer {
        Arguments.requireIdentity(NAME, named, callSite);
        Given.require(Text.place(NAME, callSite), "the attention", attention);
        Given.require(Text.place(NAME, callSite), "the memoryAttention", memoryAttention);
        String text = head(attention);
        Arguments.requireAtLeast(text, callSite, "feedForward", 1, feedForward);
        Given.require(Text.place(text, callSite), "the activation", activation);
        Numbers.requireNotNegative(Text.place(text, callSite), "eps", eps);
        Numbers.requireProbability(Text.place(text, callSite), "dropout", dropout);
    }

    static TransformerDecoderLayer of(int width, int heads, CallSite callSite) {
        MultiHeadAttention attention = MultiHeadAttention.of(NAME, width, heads, callSite);
        return new TransformerDecoderLayer(
                attention,
                attention.memory(MEMORY),
                FEED_FORWARD,
                Layers.relu(),
                false,
                LayerNorm.EPS,
                true,
                DROPOUT,
                "",
                callSite);
    }

    /** This layer with another extent between its linear layers. */
    public TransformerDecoderLayer feedForward(int extent) {
        return new TransformerDecoderLayer(
                attention, memoryAttention, extent, activation, isNormFirst, eps, bias, dropout, named, callSite);
    }

    /** This layer with another function between its linear layers, such as {@link Layers#gelu()}. */
    public TransformerDecoderLayer activation(Layer function) {
        return new TransformerDecoderLayer(
                attention, memoryAttention, feedForward, function, isNormFirst, eps, bias, dropout, named, callSite);
    }

    /** This layer with normalisations of the inputs of attention and linear layers, not of the sums. */
    public TransformerDecoderLayer normFirst() {
        return new TransformerDecoderLayer(
                attention, memoryAttention, feedForward, activation, true, eps, bias, dropout, named, callSite);
    }

    /** This layer with another ε of its normalisations, as in {@code eps(1e-12)} of BERT. */
    public TransformerDecoderLayer eps(double added) {
        return new TransformerDecoderLayer(
                attention,
                memoryAttention,
                feedForward,
                activation,
                isNormFirst,
                added,
                bias,
                dropout,
                named,
                callSite);
    }

    /** This layer with or without biases, in attention, linear layers and normalisations. */
    public TransformerDecoderLayer bias(boolean with) {
        return new TransformerDecoderLayer(
                attention, memoryAttention, feedForward, activation, isNormFirst, eps, with, dropout, named, callSite);
    }

    /** This layer with another probability, in [0, 1], to set elements to 0 in training. */
    public TransformerDecoderLayer dropout(double p) {
        return new TransformerDecoderLayer(
                attention, memoryAttention, feedForward, activation, isNormFirst, eps, bias, p, named, callSite);
    }

    /** This layer with positions that see only themselves and those before them. */
    public TransformerDecoderLayer causal() {
        return attention(MultiHeadAttention::causal);
    }

    /** This layer with a memory of this name; without, it is called {@value #MEMORY}. See {@link MultiHeadAttention#memory(String)}. */
    public TransformerDecoderLayer memory(String name) {
        return memoryAttention(a -> a.memory(name));
    }

    /** This layer with positions of the memory that a value of this name hides; see {@link MultiHeadAttention#keyPaddingMask}. */
    public TransformerDecoderLayer memoryKeyPaddingMask(String name) {
        return memoryAttention(a -> a.keyPaddingMask(name));
    }

    /**
     * This layer with a changed attention to the memory, as in {@code memoryAttention(a -> a.mask("mask"))}, PyTorch's memory_mask,
     * or {@code a.causal()}, its memory_is_causal.
     */
    public TransformerDecoderLayer memoryAttention(UnaryOperator<MultiHeadAttention> change) {
        MultiHeadAttention changed =
                Given.require(Text.place(this, callSite), "the change", change).apply(memoryAttention);
        return new TransformerDecoderLayer(
                attention, changed, feedForward, activation, isNormFirst, eps, bias, dropout, named, callSite);
    }

    /** This layer with keys of its own that a value of this name hides; see {@link MultiHeadAttention#keyPaddingMask}. */
    public TransformerDecoderLayer keyPaddingMask(String name) {
        return attention(a -> a.keyPaddingMask(name));
    }

    /** This layer with a mask of this name for its self-attention; see {@link MultiHeadAttention#mask}. */
    public TransformerDecoderLayer mask(String name) {
        return attention(a -> a.mask(name));
    }

    /** This layer with a changed self-attention, as in {@code attention(a -> a.keyHeads(2).rotary())}. */
    public TransformerDecoderLayer attention(UnaryOperator<MultiHeadAttention> change) {
        MultiHeadAttention changed =
                Given.require(Text.place(this, callSite), "the change", change).apply(attention);
        return new TransformerDecoderLayer(
                changed, memoryAttention, feedForward, activation, isNormFirst, eps, bias, dropout, named, callSite);
    }

    /** This layer with a name that replaces its position in parameter names. */
    public TransformerDecoderLayer named(String name) {
        String checked = Arguments.requireName(this, callSite, name);
        return new TransformerDecoderLayer(
                attention,
                memoryAttention,
                feedForward,
                activation,
                isNormFirst,
                eps,
                bias,
                dropout,
                checked,
                callSite);
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        Scope own = LayerCalls.scope(this, scope);
        return LayerCalls.layer(this, callSite, own, x, input -> make(own, input), this::hint);
    }

    private Expr make(Scope scope, Expr x) {
        Arguments.requireSequences(attention.width(), x.shape());
        Sublayers parts = new Sublayers(scope, callSite, isNormFirst, eps, bias, dropout);
        Expr mixed = parts.changed(x, "norm1", in -> parts.attended(attention, "self_attn", in));
        Expr told = parts.changed(mixed, "norm2", in -> parts.attended(memoryAttention, "multihead_attn", in));
        return parts.changed(told, "norm3", in -> parts.feedForward(in, feedForward, activation));
    }

    private String hint(Shape input) {
        return attention
                .fitting(input)
                .flatMap(own -> memoryAttention
                        .fitting(input)
                        .map(other -> Errors.didYouMean(new TransformerDecoderLayer(
                                own,
                                other,
                                feedForward,
                                activation,
                                isNormFirst,
                                eps,
                                bias,
                                dropout,
                                named,
                                callSite))))
                .orElse("");
    }

    private String memoryText() {
        String memory = memoryAttention.memory().toString();
        String padding =
                Text.quoted("memoryKeyPaddingMask", memoryAttention.hides().padding());
        String options = memoryAttention.options();
        String own = memory.equals(Text.quoted("memory", MEMORY)) ? "" : memory;
        return options.equals(memory
                        + Text.quoted("keyPaddingMask", memoryAttention.hides().padding()))
                ? own + padding
                : ".memoryAttention(a -> a" + options + ")";
    }

    private static String head(MultiHeadAttention attention) {
        return Text.call(NAME, attention.width(), attention.heads());
    }

    /** The layer as the user wrote it. */
    @Override
    public String toString() {
        return head(attention)
                + (feedForward == FEED_FORWARD ? "" : ".feedForward(" + feedForward + ")")
                + (Text.of(activation).equals("relu()") ? "" : ".activation(" + Text.of(activation) + ")")
                + (isNormFirst ? ".normFirst()" : "")
                + Text.option("eps", eps, LayerNorm.EPS)
                + (bias ? "" : ".bias(false)")
                + Text.option("dropout", dropout, DROPOUT)
                + Sublayers.text(attention)
                + memoryText()
                + Text.named(named);
    }
}
