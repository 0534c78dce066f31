package dev.fluxion.ffi;

import org.jspecify.annotations.Nullable;

/** The native libraries cannot be used on this machine. The message is one sentence that names the cause. */
public final class NativeUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NativeUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
