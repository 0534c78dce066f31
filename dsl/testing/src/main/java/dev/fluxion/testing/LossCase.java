package dev.fluxion.testing;

import dev.fluxion.Tensor;

/**
 * What a loss compares.
 *
 * @param output what a model computed
 * @param target what it should have computed
 */
public record LossCase(Tensor output, Tensor target) {}
