/**
 * Losses: functions of expressions, made by {@link dev.fluxion.dsl.loss.Losses}, and {@link dev.fluxion.dsl.loss.Evaluation},
 * which computes one on numbers. Depends on the language, {@code dev.fluxion.ir}, and on {@code dsl.internal}.
 */
@NullMarked
package dev.fluxion.dsl.loss;

import org.jspecify.annotations.NullMarked;
