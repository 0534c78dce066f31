package dev.fluxion.dsl.internal;

import dev.fluxion.ir.Given;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/** Selects parameters of a model by name; selecting none is an error. */
public final class ParameterFilter {
    private ParameterFilter() {}

    /** A copy of the arguments of {@code only}. */
    public static String[] parts(String... parts) {
        return Checks.present("only", "part", Checks.list(parts), part -> "\"" + part + "\"")
                .toArray(String[]::new);
    }

    /** The condition of a call of {@code only}. */
    public static Predicate<String> given(Predicate<String> names) {
        return Given.require("only", "the condition on names", names);
    }

    /**
     * The names of the parameters in some parts: those that equal a part or begin with its path.
     *
     * @param purpose the purpose, as in {@code "train"}
     */
    public static List<String> within(List<String> names, String purpose, String... parts) {
        for (String part : parts) {
            if (names.stream().noneMatch(name -> isWithin(name, part))) {
                throw new IllegalArgumentException(Errors.noneIn(part, purpose, names));
            }
        }
        return accepted(names, purpose, name -> Arrays.stream(parts).anyMatch(part -> isWithin(name, part)));
    }

    /** The names that satisfy a condition; there must be one. */
    public static List<String> accepted(List<String> names, String purpose, Predicate<String> accepted) {
        List<String> chosen = names.stream().filter(accepted).toList();
        if (chosen.isEmpty()) {
            throw new IllegalArgumentException(Errors.noneLeft(purpose, names));
        }
        return chosen;
    }

    private static boolean isWithin(String parameter, String part) {
        return parameter.equals(part) || parameter.startsWith(part + ".");
    }
}
