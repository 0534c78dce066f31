package dev.fluxion.ffi;

/** A native call failed. The message names the primitive with its shapes, layouts and implementation. */
public class NativeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NativeException(String message) {
        super(message);
    }
}
