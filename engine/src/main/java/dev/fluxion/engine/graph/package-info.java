/**
 * Passes over graphs that keep their meaning. Internal; depends on the language alone.
 */
@NullMarked
package dev.fluxion.engine.graph;

import org.jspecify.annotations.NullMarked;
