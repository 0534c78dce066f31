/**
 * Checks derivatives against differences of values: for a user's own layers and losses, and for Fluxion's operators. It
 * depends on {@link dev.fluxion.ir}, on tensors and on the JDK.
 */
@NullMarked
package dev.fluxion.check;

import org.jspecify.annotations.NullMarked;
