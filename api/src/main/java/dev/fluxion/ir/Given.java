package dev.fluxion.ir;

import java.util.Arrays;
import java.util.List;
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

    /**
     * The arguments as a list, if none is null.
     *
     * @param part what each is, such as {@code "a name"}
     * @throws IllegalArgumentException if the array or one of them is null
     */
    public static <T> List<T> all(String call, String part, @Nullable T @Nullable [] given) {
        T[] all = require(call, "the list", given);
        return each(call, part, Arrays.asList(all));
    }

    /**
     * A copy of a list, if none of its elements is null.
     *
     * @param part what each is, such as {@code "an operand"}
     * @throws IllegalArgumentException if the list or one of them is null
     */
    public static <T> List<T> each(String call, String part, @Nullable List<T> given) {
        for (T one : require(call, "the list", given)) {
            require(call, part, one);
        }
        return List.copyOf(given);
    }

    /**
     * The number of something, if there are more.
     *
     * @param part what it is, such as {@code "sample"}
     * @param count how many there are
     * @throws IndexOutOfBoundsException if there is none, as {@code batch: sample 12 is outside of [0, 10)}
     */
    public static int within(String call, String part, int index, int count) {
        if (index < 0 || index >= count) {
            throw new IndexOutOfBoundsException(Errors.outside(call, part + " " + index, count));
        }
        return index;
    }

    /**
     * Requires a part of what there is.
     *
     * @param count how many there are
     * @throws IndexOutOfBoundsException if there are fewer, as {@code rows: [0, 11) is outside of [0, 10)}
     */
    public static void range(String call, int from, int to, int count) {
        if (from < 0 || from > to || to > count) {
            throw new IndexOutOfBoundsException(Errors.outside(call, "[" + from + ", " + to + ")", count));
        }
    }
}
