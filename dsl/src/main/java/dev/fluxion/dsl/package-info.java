/**
 * The rooms of what a user imports. {@code layer} has the layers, {@code loss} the losses, {@code optim} the optimizers and
 * schedules, {@code train} models, trainings and metrics. Each has a class of static factories, to be imported statically:
 * {@link dev.fluxion.dsl.layer.Layers}, {@link dev.fluxion.dsl.loss.Losses}, {@link dev.fluxion.dsl.optim.Optimizers},
 * {@link dev.fluxion.dsl.train.Metrics}. What they make are immutable values, changed by withers named like their accessors.
 *
 * <p>This package itself has what all rooms show. {@code internal} has what they share and is not for users.
 */
@NullMarked
package dev.fluxion.dsl;

import org.jspecify.annotations.NullMarked;
