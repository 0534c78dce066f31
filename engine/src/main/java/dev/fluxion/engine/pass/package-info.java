/** Rewritings of graphs that keep their meaning. Internal; depends on the language, and on the turns of {@code plan}. */
@NullMarked
package dev.fluxion.engine.pass;

import org.jspecify.annotations.NullMarked;
