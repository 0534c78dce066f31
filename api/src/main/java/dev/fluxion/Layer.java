package dev.fluxion;

import dev.fluxion.ir.Expr;

/**
 * A part of a model: a function from an expression to an expression that may declare parameters. A lambda is a layer,
 * as in {@code (scope, x) -> x.mul(scope.parameter("gain", Shape.scalar(), Initializers.ones()))}. Layers are
 * immutable values that hold no weights: the same layer in two places has two sets of parameters, where a module of
 * PyTorch would share them; the dsl's {@code shared(layer)} has one. A fixed tensor, which is not trained, is an
 * {@link Expr#constant(Tensor)}.
 */
@FunctionalInterface
public interface Layer {
    /**
     * The output for an input.
     *
     * @param scope declares the parameters
     * @param x the input, batch along the first axis
     * @throws dev.fluxion.ir.ShapeException if the input does not fit
     */
    Expr apply(Scope scope, Expr x);
}
