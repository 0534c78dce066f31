/**
 * Checks that what the engine computes in float32 is what the interpreter computes in double precision, within an error
 * that follows from the rounding. It depends on the engine's public types and on {@code dev.fluxion.check}, and knows which forms
 * of convolution the engine's kernels have.
 */
@NullMarked
package dev.fluxion.engine.check;

import org.jspecify.annotations.NullMarked;
