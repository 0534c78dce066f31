/**
 * The messages of the engine. Internal.
 */
@NullMarked
package dev.fluxion.engine.error;

import org.jspecify.annotations.NullMarked;
