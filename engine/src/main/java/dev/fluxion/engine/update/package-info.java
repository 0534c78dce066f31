/**
 * Updates of parameters, and what keeps them finite. Internal.
 */
@NullMarked
package dev.fluxion.engine.update;

import org.jspecify.annotations.NullMarked;
