package dev.fluxion;

import dev.fluxion.ir.Expr;

/**
 * A part of a model: a function from an expression to an expression that may declare parameters. Layers are immutable
 * values that hold no weights: the same layer value applied in several scopes has parameters of its own in each, where a
 * module of PyTorch would share them. A tensor that a layer holds and nobody trains is {@link Expr#constant(Tensor)}. A
 * lambda is a layer.
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
