package dev.fluxion.dsl.internal;

import dev.fluxion.ir.Given;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/** Chooses among the parameters of a model; what is chosen is there. */
public final class ParameterFilter {
    private ParameterFilter() {}

    /** The parts of a call of {@code only}, copied. */
    public static String[] parts(String... parts) {
        return Checks.present("only", "part", Checks.list(parts), part -> "\"" + part + "\"")
                .toArray(String[]::new);
    }

    /** The names that a call of {@code only} accepts. */
    public static Predicate<String> given(Predicate<String> names) {
        return Given.require("only", "the condition on names", names);
    }

    /**
     * The names of parameters in some parts: those that are a part's own, or begin with its path.
     *
     * @param purpose what they are chosen for, as {@code "train"}
     */
    public static List<String> within(List<String> names, String purpose, String... parts) {
        for (String part : parts) {
            if (names.stream().noneMatch(name -> isWithin(name, part))) {
                throw new IllegalArgumentException(Errors.noneIn(part, purpose, names));
            }
        }
        return accepted(names, purpose, name -> Arrays.stream(parts).anyMatch(part -> isWithin(name, part)));
    }

    /** The names that are accepted, of which there must be one. */
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
