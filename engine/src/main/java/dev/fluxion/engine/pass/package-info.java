/** Rewritings of graphs that keep their meaning. Internal; depends on the language alone. */
@NullMarked
package dev.fluxion.engine.pass;

import org.jspecify.annotations.NullMarked;
