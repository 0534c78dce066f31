package dev.fluxion.ir;

import org.jspecify.annotations.Nullable;

/** What a caller has to give: where there is null instead, it is told in whose place. */
public final class Given {
    private Given() {}

    /**
     * The argument if it is there.
     *
     * @param call what was called, as {@code "save"}
     * @param part what the argument is, as {@code "the file"}
     * @throws IllegalArgumentException if it is null, as {@code save: the file must not be null}
     */
    public static <T> T require(String call, String part, @Nullable T given) {
        if (given == null) {
            throw new IllegalArgumentException(Errors.isNull(call, part));
        }
        return given;
    }
}
