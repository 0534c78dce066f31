/**
 * Layers, losses, optimizers, schedules, metrics and models: what a user imports. Each is an immutable value made by a
 * static factory ({@link dev.fluxion.dsl.Layers}, {@link dev.fluxion.dsl.Losses} …) and changed by withers named like its
 * accessors. All of them are ordinary functions over the expressions of {@code dev.fluxion.ir}; nothing here knows how an
 * expression is computed, except the classes that compile and run a model.
 */
@NullMarked
package dev.fluxion.dsl;

import org.jspecify.annotations.NullMarked;
