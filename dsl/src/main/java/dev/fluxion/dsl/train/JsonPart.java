package dev.fluxion.dsl.train;

import dev.fluxion.ir.Legible;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * A part of what a text in JSON says, and where it stands.
 *
 * @param where as {@code prediction.nodes[3]}
 * @param value a map, a list, a string or a number
 */
record JsonPart(String where, Object value) {
    /** The members of an object, all of which have names that are known. */
    void require(Set<String> known) {
        for (String name : map().keySet()) {
            if (!known.contains(name)) {
                throw wrong("has no '" + Legible.of(name) + "'");
            }
        }
    }

    JsonPart get(String name) {
        Object found = map().get(name);
        if (found == null) {
            throw wrong("lacks '" + name + "'");
        }
        return new JsonPart(where + "." + name, found);
    }

    boolean has(String name) {
        return map().containsKey(name);
    }

    /** Visits the members of an object. */
    void members(BiConsumer<String, JsonPart> each) {
        map().forEach((name, found) -> each.accept(name, new JsonPart(where + "." + Legible.of(name), found)));
    }

    List<JsonPart> list() {
        if (!(value instanceof List<?> list)) {
            throw wrong("must be a list");
        }
        List<JsonPart> parts = new ArrayList<>();
        list.forEach(found -> parts.add(new JsonPart(where + "[" + parts.size() + "]", found)));
        return parts;
    }

    String text() {
        if (!(value instanceof String text)) {
            throw wrong("must be a text");
        }
        return text;
    }

    int number() {
        if (!(value instanceof Long number) || number > Integer.MAX_VALUE) {
            throw wrong("must be a whole number below 2³¹");
        }
        return number.intValue();
    }

    private Map<String, Object> map() {
        if (!(value instanceof Map<?, ?> map)) {
            throw wrong("must be an object");
        }
        Map<String, Object> members = new LinkedHashMap<>();
        map.forEach((name, found) -> members.put((String) name, found));
        return members;
    }

    IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException(where + " " + what);
    }
}
