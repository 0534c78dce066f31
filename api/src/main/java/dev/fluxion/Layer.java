package dev.fluxion;

import dev.fluxion.ir.Expr;

/**
 * A part of a model: a function from an expression to an expression that may declare parameters. Layers are immutable
 * values; the same layer may be applied in several scopes, each with parameters of its own. A lambda is a layer.
 */
@FunctionalInterface
public interface Layer {
    /**
     * What the layer makes of its input.
     *
     * @param scope where parameters are declared
     * @param x the input, batch along the first axis
     * @throws dev.fluxion.ir.ShapeException if the input does not fit
     */
    Expr apply(Scope scope, Expr x);
}
