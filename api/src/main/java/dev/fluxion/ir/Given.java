package dev.fluxion.ir;

import org.jspecify.annotations.Nullable;

/** Checks arguments for null; the message names the argument. */
public final class Given {
    private Given() {}

    /**
     * The argument, if it is not null.
     *
     * @param call the call, such as {@code "save"}
     * @param part the argument, such as {@code "the file"}
     * @throws IllegalArgumentException if it is null, as {@code save: the file must not be null}
     */
    public static <T> T require(String call, String part, @Nullable T given) {
        if (given == null) {
            throw new IllegalArgumentException(Errors.isNull(call, part));
        }
        return given;
    }
}
