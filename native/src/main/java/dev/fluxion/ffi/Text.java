package dev.fluxion.ffi;

import java.util.Locale;
import java.util.StringJoiner;

/** Small pieces of the texts in descriptions and messages. */
final class Text {
    private Text() {}

    static String dims(long... dims) {
        StringJoiner joined = new StringJoiner("x");
        for (long dim : dims) {
            joined.add(Long.toString(dim));
        }
        return joined.toString();
    }

    static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
