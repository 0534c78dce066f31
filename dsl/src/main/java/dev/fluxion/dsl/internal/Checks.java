package dev.fluxion.dsl.internal;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Checks that what users pass in lists, and what their functions return, is not null. */
public final class Checks {
    private Checks() {}

    /** The arguments as a list; a call with a single null passes that in place of the array. */
    public static <T> List<T> list(T @Nullable [] arguments) {
        return arguments == null ? Collections.singletonList(null) : Arrays.asList(arguments);
    }

    /**
     * A copy of a list without null.
     *
     * @param call what was called, for the message
     * @param part what an element is, for the message
     * @param text describes the element before a null in the message; empty to leave it out
     */
    public static <T> List<T> present(String call, String part, List<T> list, Function<T, String> text) {
        Given.require(call, "the list", list);
        for (int i = 0; i < list.size(); i++) {
            String before = i == 0 ? "" : text.apply(list.get(i - 1));
            Given.require(call, part + " " + i + (before.isEmpty() ? "" : ", after " + before + ","), list.get(i));
        }
        return List.copyOf(list);
    }

    /** What a user's layer or loss returned, if that is not null. */
    public static Expr expression(Object function, @Nullable Expr returned) {
        if (returned == null) {
            throw new IllegalArgumentException(Errors.returnedNull(Text.of(function)));
        }
        return returned;
    }
}
