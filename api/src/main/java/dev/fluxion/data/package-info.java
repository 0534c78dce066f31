/**
 * Data sets and iteration over them in batches: readers of the MNIST and CIFAR-10 files, digits drawn by program,
 * loaders. It depends on the JDK and on the tensors of {@link dev.fluxion}.
 */
@NullMarked
package dev.fluxion.data;

import org.jspecify.annotations.NullMarked;
