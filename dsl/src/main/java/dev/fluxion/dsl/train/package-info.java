/**
 * Models and what trains and measures them: {@link dev.fluxion.dsl.train.Model}, {@link dev.fluxion.dsl.train.Trainer},
 * {@link dev.fluxion.dsl.train.Training}, {@link dev.fluxion.dsl.train.Metrics}. The only room that knows the engine, but for
 * {@code Layers}, which makes it load early. Depends on {@code dsl.layer} for summaries, and on {@code dsl.internal}.
 */
@NullMarked
package dev.fluxion.dsl.train;

import org.jspecify.annotations.NullMarked;
