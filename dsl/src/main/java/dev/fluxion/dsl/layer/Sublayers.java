package dev.fluxion.dsl.layer;

import dev.fluxion.Layer;
import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.ir.Expr;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * What the layers of transformers are made of: changes that are added to their input, which a layer normalisation goes before or
 * behind.
 *
 * @param scope that of the layer
 * @param callSite the file and line that made the layer
 * @param isNormFirst whether changes see normalised inputs; else sums are normalised
 * @param eps ε of the normalisations
 * @param bias whether linear layers and normalisations have biases
 * @param dropout the probability with which an element of a change is set to 0 in training
 */
record Sublayers(Scope scope, CallSite callSite, boolean isNormFirst, double eps, boolean bias, double dropout) {
    /** x and its change, normalised by a part of this name. */
    Expr changed(Expr x, String norm, UnaryOperator<Expr> change) {
        Layer normalised = new LayerNorm(List.of(x.shape().dim(-1)), eps, true, bias, "", callSite);
        if (isNormFirst) {
            return x.add(dropped(change.apply(part(normalised, norm, x))));
        }
        return part(normalised, norm, x.add(dropped(change.apply(x))));
    }

    /** What an attention of this name makes of x. */
    Expr attended(MultiHeadAttention attention, String name, Expr x) {
        return part(attention.dropout(dropout).bias(bias && attention.bias()), name, x);
    }

    /** Two linear layers, named linear1 and linear2, with an activation between them. */
    Expr feedForward(Expr x, int hidden, Layer activation) {
        Expr inner = part(activation, "activation", part(linear(hidden), "linear1", x));
        return part(linear(x.shape().dim(-1)), "linear2", dropped(inner));
    }

    private Expr part(Layer part, String name, Expr x) {
        return LayerCalls.part(part, name, callSite, scope, x);
    }

    private Linear linear(int out) {
        return new Linear(Linear.INFERRED, out, bias, Initializers.fanIn(), null, "", "", callSite);
    }

    /** The options of a self-attention, as the user wrote them for the layer. */
    static String text(MultiHeadAttention attention) {
        return attention.bias()
                ? attention.options()
                : attention.bias(true).options() + ".attention(a -> a.bias(false))";
    }

    private Expr dropped(Expr x) {
        return Dropout.of(scope, x, dropout);
    }
}
