/**
 * Random tensors, targets and models for property tests with jqwik, all of which shrink: what a failing test shows is the
 * smallest tensor that still fails, made of zeros and ones where it can be. Parameters of a property get them by type
 * ({@code @ForAll Tensor x}); {@link dev.fluxion.testing.Tensors}, {@link dev.fluxion.testing.LossCases} and
 * {@link dev.fluxion.testing.Networks} are the arbitraries to choose ranges and shapes with. It is the only package that
 * depends on jqwik, and nothing depends on it but tests.
 */
@NullMarked
package dev.fluxion.testing;

import org.jspecify.annotations.NullMarked;
