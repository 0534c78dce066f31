/**
 * What is often wrong with a training and throws nothing: {@link dev.fluxion.dsl.lint.Check} has the kinds, {@link
 * dev.fluxion.dsl.lint.Lint} tells what becomes of a {@link dev.fluxion.dsl.lint.Finding}. {@code LINT.md} has a table of them.
 */
@NullMarked
package dev.fluxion.dsl.lint;

import org.jspecify.annotations.NullMarked;
