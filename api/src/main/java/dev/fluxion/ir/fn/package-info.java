/**
 * Functions of expressions, by theme, each composed of the language's operators: further reductions, running sums, sorting, choices of
 * elements, scatter, matrices. What is elementwise is a method of {@link dev.fluxion.ir.Expr}. They depend on the language alone.
 */
@NullMarked
package dev.fluxion.ir.fn;

import org.jspecify.annotations.NullMarked;
