/**
 * What looks through trainings for what {@link dev.fluxion.dsl.lint.Check} names. It only reads. Models are known by {@link
 * dev.fluxion.dsl.watch.Subject} only. Depends on {@code dsl.lint}.
 */
@NullMarked
package dev.fluxion.dsl.watch;

import org.jspecify.annotations.NullMarked;
