package dev.fluxion.ffi;

import java.util.Map;
import java.util.stream.Collectors;

/** The one line that messages say about a primitive. */
final class Description {
    private Description() {}

    static String asked(Recipe recipe, PostOps postOps) {
        return of(recipe.what(), recipe.layouts(), postOps);
    }

    static String of(String what, Map<Arg, Layout> layouts, PostOps postOps) {
        String shapes = layouts.entrySet().stream()
                .map(e -> e.getKey() + " " + e.getValue())
                .collect(Collectors.joining(", "));
        String more = postOps.steps().isEmpty() ? "" : ", then " + postOps;
        return what + ": " + shapes + more;
    }
}
