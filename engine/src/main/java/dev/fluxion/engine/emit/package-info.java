/**
 * Steps as they are emitted, and where values lie meanwhile: whoever requests a value in a layout gets the buffer that holds it.
 * Internal.
 */
@NullMarked
package dev.fluxion.engine.emit;

import org.jspecify.annotations.NullMarked;
