package dev.fluxion.io;

import java.util.Collection;
import java.util.Set;

/** Parameters that have the same names but for a path in front, as where one of two equal layers is named. */
final class Prefix {
    private Prefix() {}

    /** Tells that the names of a model are those of a file, or the other way round, with a path in front; or nothing. */
    static String hint(Collection<String> model, Collection<String> file) {
        String longer = of(model, file);
        String shorter = of(file, model);
        return !longer.isEmpty()
                ? Errors.inFront("the model's", "the file", longer)
                : !shorter.isEmpty() ? Errors.inFront("the file's", "the model", shorter) : "";
    }

    /** What is in front of each name of {@code longer} that those of {@code shorter} do not have; empty for nothing. */
    private static String of(Collection<String> longer, Collection<String> shorter) {
        if (shorter.isEmpty() || longer.size() != shorter.size()) {
            return "";
        }
        String any = shorter.iterator().next();
        Set<String> all = Set.copyOf(longer);
        return longer.stream()
                .filter(name -> name.endsWith("." + any))
                .map(name -> name.substring(0, name.length() - any.length()))
                .filter(prefix -> shorter.stream().allMatch(name -> all.contains(prefix + name)))
                .findFirst()
                .orElse("");
    }
}
