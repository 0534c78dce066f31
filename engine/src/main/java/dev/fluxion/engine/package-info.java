/**
 * The compiler: graphs become static programs of pre-bound steps over one planned arena, which run on the native kernels.
 * It depends on the language, the tensors and the native library; nothing of it is known to them.
 *
 * <p>This package is what others use; the packages below it are internal, and know it not. From the bottom: {@code plan} schedules
 * steps and places their buffers, {@code kernel} holds the kernels in Java, {@code graph} and {@code partition} rewrite and divide
 * graphs, {@code store} holds parameters and what trainings keep, {@code emit} emits steps, {@code rule} chooses kernels,
 * {@code update} changes parameters, {@code run} runs plans.
 */
@NullMarked
package dev.fluxion.engine;

import org.jspecify.annotations.NullMarked;
