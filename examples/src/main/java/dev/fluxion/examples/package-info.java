/** Small real programs on {@code dev.fluxion.dsl}. */
@NullMarked
package dev.fluxion.examples;

import org.jspecify.annotations.NullMarked;
