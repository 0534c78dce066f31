package dev.fluxion.dsl;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The public factories of a class: a catalogue has a row for each of them. */
public final class Factories {
    private Factories() {}

    /** How they are declared, as {@code conv(int, int)}. */
    public static Set<String> of(Class<?> type) {
        return Arrays.stream(type.getDeclaredMethods())
                .filter(m -> Modifier.isPublic(m.getModifiers()) && Modifier.isStatic(m.getModifiers()))
                .map(Factories::declaration)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String declaration(Method method) {
        return Arrays.stream(method.getParameterTypes())
                .map(Class::getSimpleName)
                .collect(Collectors.joining(", ", method.getName() + "(", ")"));
    }

    /** Requires a row for each factory of a class, and a factory for each row. */
    public static void requireRows(Class<?> type, Collection<String> rows) {
        Set<String> without = of(type);
        without.removeAll(rows);
        Set<String> unknown = new TreeSet<>(rows);
        unknown.removeAll(of(type));
        if (!without.isEmpty() || !unknown.isEmpty()) {
            throw new AssertionError(
                    type.getSimpleName() + ": no rows for " + without + ", rows for nothing: " + unknown);
        }
    }
}
