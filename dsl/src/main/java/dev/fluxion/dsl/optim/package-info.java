/**
 * Optimizers and schedules of their learning rate, made by {@link dev.fluxion.dsl.optim.Optimizers} and
 * {@link dev.fluxion.dsl.optim.Schedules}. Depends on the language, {@code dev.fluxion.ir}, and on {@code dsl.internal}.
 */
@NullMarked
package dev.fluxion.dsl.optim;

import org.jspecify.annotations.NullMarked;
