/**
 * The language: shapes, the closed families of operators, expressions, graphs, reverse-mode gradients as a graph
 * transformation, and the double-precision interpreter that is the meaning of every operator.
 *
 * <p>Everything here is semantic: no layouts, no kernels, no memory; {@link dev.fluxion.ir.Given} is here because all modules see
 * this package. It depends on the JDK alone; nothing in it may know
 * the engine, the native library or the layers that users write with.
 */
@NullMarked
package dev.fluxion.ir;

import org.jspecify.annotations.NullMarked;
