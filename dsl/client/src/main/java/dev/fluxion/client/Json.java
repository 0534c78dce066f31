package dev.fluxion.client;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads JSON: maps, lists, strings, doubles, booleans and null. */
final class Json {
    private static final int DEPTH = 64;

    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    /** The object that a text is. */
    static Map<?, ?> object(String text) {
        Json json = new Json(text);
        try {
            Object value = json.value(0);
            json.spaces();
            if (json.at == text.length() && value instanceof Map<?, ?> map) {
                return map;
            }
        } catch (IndexOutOfBoundsException | NumberFormatException e) {
            throw Errors.badAnswer("its JSON is damaged");
        }
        throw Errors.badAnswer("it is no JSON object");
    }

    private @Nullable Object value(int depth) {
        if (depth > DEPTH) {
            throw Errors.badAnswer("its JSON is nested too deep");
        }
        spaces();
        return switch (text.charAt(at)) {
            case '{' -> map(depth);
            case '[' -> list(depth);
            case '"' -> string();
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", null);
            default -> number();
        };
    }

    private @Nullable Object word(String word, @Nullable Object value) {
        word.chars().forEach(c -> expect((char) c));
        return value;
    }

    private Map<String, @Nullable Object> map(int depth) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        at++;
        while (!ends('}', map.isEmpty())) {
            spaces();
            String name = string();
            spaces();
            expect(':');
            map.put(name, value(depth + 1));
        }
        return map;
    }

    private List<@Nullable Object> list(int depth) {
        List<@Nullable Object> list = new ArrayList<>();
        at++;
        while (!ends(']', list.isEmpty())) {
            list.add(value(depth + 1));
        }
        return list;
    }

    private boolean ends(char end, boolean first) {
        spaces();
        if (text.charAt(at) == end) {
            at++;
            return true;
        }
        if (!first) {
            expect(',');
        }
        return false;
    }

    private String string() {
        StringBuilder string = new StringBuilder();
        expect('"');
        for (char c = text.charAt(at++); c != '"'; c = text.charAt(at++)) {
            string.append(c == '\\' ? escaped() : c);
        }
        return string.toString();
    }

    private char escaped() {
        char c = text.charAt(at++);
        return switch (c) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> (char) Integer.parseInt(text.substring(at, at += 4), 16);
            default -> c;
        };
    }

    private double number() {
        int from = at;
        while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        return Double.parseDouble(text.substring(from, at));
    }

    private void expect(char c) {
        if (text.charAt(at++) != c) {
            throw Errors.badAnswer("its JSON is damaged");
        }
    }

    private void spaces() {
        while (at < text.length() && text.charAt(at) <= ' ') {
            at++;
        }
    }

    /** A string as JSON. */
    static String quoted(String string) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < string.length(); i++) {
            char c = string.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ') {
                quoted.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
