package dev.fluxion.testing;

import dev.fluxion.Tensor;

/**
 * An output and a target for a loss.
 *
 * @param output what a model computed
 * @param target what it should have computed
 */
public record LossCase(Tensor output, Tensor target) {}
