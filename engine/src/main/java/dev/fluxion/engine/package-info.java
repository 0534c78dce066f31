/**
 * The compiler: graphs become static programs of pre-bound steps over one planned arena, which run on the native kernels.
 * It depends on the language, the tensors and the native library; nothing of it is known to them.
 *
 * <p>{@code pass} rewrites graphs, {@code plan} schedules steps and places their buffers, {@code kernel} holds the steps that are computed in
 * Java; these packages are internal. The lowering of each family of operators is a class of this package.
 */
@NullMarked
package dev.fluxion.engine;

import org.jspecify.annotations.NullMarked;
