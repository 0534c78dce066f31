package dev.fluxion.ffi;

/**
 * What a {@link Primitive} shall compute, and in which layouts: a value, made before any native object exists.
 *
 * <p>An operation names its layouts after the forward computation. In a backward pass the gradient of a tensor has the
 * layout of the tensor. Layouts that are {@link Layout#any} are chosen by the implementation.
 */
public interface Operation {
    /** What is done to each element of the result. */
    PostOps postOps();

    /** How this package makes the native descriptor; of no use outside it. */
    Recipe recipe();
}
