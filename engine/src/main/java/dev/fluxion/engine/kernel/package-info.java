/**
 * Steps that are computed in Java, chunk by chunk over native memory, without allocation, and forms in which several native kernels
 * compute an operator together. Internal.
 */
@NullMarked
package dev.fluxion.engine.kernel;

import org.jspecify.annotations.NullMarked;
