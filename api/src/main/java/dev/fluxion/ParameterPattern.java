package dev.fluxion;

import dev.fluxion.ir.Given;
import java.util.List;
import java.util.regex.Pattern;

/** Names of parameters, or of the layers that they are in; an asterisk stands for anything. */
record ParameterPattern(String text) {
    static ParameterPattern of(String call, String text) {
        if (Given.require(call, "a pattern", text).isBlank()) {
            throw new IllegalArgumentException(Errors.blankPattern(call));
        }
        return new ParameterPattern(text);
    }

    boolean matches(String name) {
        String any = String.join(
                ".*",
                List.of(text.split("\\*", -1)).stream().map(Pattern::quote).toList());
        return name.matches(any + "(\\..*)?");
    }

    void requireMatch(String call, List<String> names) {
        if (names.stream().noneMatch(this::matches)) {
            throw new IllegalArgumentException(Errors.noParameter(call, text, names));
        }
    }

    @Override
    public String toString() {
        return text;
    }
}
