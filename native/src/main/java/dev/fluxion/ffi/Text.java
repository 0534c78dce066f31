package dev.fluxion.ffi;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Small pieces of the texts in descriptions and messages. */
final class Text {
    private Text() {}

    static String dims(long... dims) {
        return Arrays.stream(dims).mapToObj(Long::toString).collect(Collectors.joining("x"));
    }

    static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
