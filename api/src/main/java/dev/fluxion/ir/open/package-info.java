/**
 * Graphs whose extents are open: layers are asked at a few sizes, and what they made is bound to any other size without asking them
 * again. An operator is written as a name and attributes, so that a graph can be written to a file and read by a program that lacks
 * the layers. It depends on {@link dev.fluxion.ir}, on tensors and on the JDK.
 */
@NullMarked
package dev.fluxion.ir.open;

import org.jspecify.annotations.NullMarked;
