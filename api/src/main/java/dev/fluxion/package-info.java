/**
 * Tensors, and the interfaces for users to implement: layers, losses, optimizers, schedules, metrics, initialisers.
 * Each is an ordinary function over expressions of {@link dev.fluxion.ir}. It depends on the JDK and on that package.
 */
@NullMarked
package dev.fluxion;

import org.jspecify.annotations.NullMarked;
