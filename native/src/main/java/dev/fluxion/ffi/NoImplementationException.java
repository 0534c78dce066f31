package dev.fluxion.ffi;

import java.util.List;

/**
 * oneDNN has no implementation of an operation that the guard accepts. The caller is expected to compute it in another
 * way: by another operation, by BLAS or in Java.
 */
public final class NoImplementationException extends NativeException {
    private static final long serialVersionUID = 1L;

    private final String[] refused;

    NoImplementationException(String message, List<String> refused) {
        super(message);
        this.refused = refused.toArray(String[]::new);
    }

    /** The names of the implementations that exist but were refused; empty when there is none at all. */
    public List<String> refused() {
        return List.of(refused);
    }
}
