/**
 * The native boundary: memory blocks, oneDNN primitives, BLAS calls and thread settings.
 *
 * <p>Everything here is made once, when a program is compiled, and then only run: a {@link dev.fluxion.ffi.Primitive} or
 * a matrix product is bound to {@link dev.fluxion.ffi.Slice slices} of {@link dev.fluxion.ffi.Memory} and becomes a
 * {@link dev.fluxion.ffi.Call}, whose {@code run()} allocates nothing. Whatever holds native memory is closed by its
 * owner; the garbage collector never frees anything for us.
 *
 * <p>A new JVM comes here on its way to the first prediction. Records that are hashed or compared on that way say themselves how,
 * since linking the generated methods takes it milliseconds; and descriptions are made when somebody reads them.
 *
 * <p>This is the only package that mentions {@code org.bytedeco}. It depends on nothing else, in particular not on the
 * graph language.
 */
@NullMarked
package dev.fluxion.ffi;

import org.jspecify.annotations.NullMarked;
