package dev.fluxion.io;

import java.text.ParseException;
import java.util.HashSet;
import java.util.Set;

/** Reads as much of JSON as a safetensors header may use: objects, lists, strings and whole numbers from 0 on. */
final class JsonReader {
    private final String text;
    private int at;

    JsonReader(String text) {
        this.text = text;
    }

    /** What to do for a member or an element; it reads the value. */
    interface Reading<T> {
        void read(T what) throws ParseException;
    }

    void object(Reading<String> member) throws ParseException {
        Set<String> seen = new HashSet<>();
        list('{', '}', index -> {
            String key = string();
            if (!seen.add(key)) {
                throw error(Errors.duplicate(key));
            }
            expect(':');
            member.read(key);
        });
    }

    void array(Reading<Integer> element) throws ParseException {
        list('[', ']', element);
    }

    private void list(char open, char close, Reading<Integer> element) throws ParseException {
        expect(open);
        if (accept(close)) {
            return;
        }
        int index = 0;
        do {
            element.read(index++);
        } while (accept(','));
        expect(close);
    }

    long integer() throws ParseException {
        skipSpace();
        int start = at;
        while (at < text.length() && digit(text.charAt(at), 10) >= 0) {
            at++;
        }
        boolean leadingZero = at - start > 1 && text.charAt(start) == '0';
        if (at == start || leadingZero || at - start > 18) {
            at = start;
            throw error(Errors.expected("a whole number of 1 to 18 digits", found()));
        }
        return Long.parseLong(text, start, at, 10);
    }

    String string() throws ParseException {
        expect('"');
        StringBuilder out = new StringBuilder();
        while (true) {
            char c = next();
            if (c == '"') {
                break;
            }
            if (c < ' ') {
                throw error(Errors.expected("an escape", "a control character in a string"));
            }
            out.append(c == '\\' ? escape() : c);
        }
        String value = out.toString();
        if (!Utf8.isValid(value)) {
            throw error(Errors.notText(value));
        }
        return value;
    }

    void end() throws ParseException {
        skipSpace();
        if (at < text.length()) {
            throw error(Errors.expected("the end of the header", found()));
        }
    }

    ParseException error(String problem) {
        return new ParseException(problem, at);
    }

    private char escape() throws ParseException {
        char c = next();
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                int code = 0;
                for (int i = 0; i < 4; i++) {
                    int digit = digit(next(), 16);
                    if (digit < 0) {
                        throw error(Errors.expected("four hexadecimal digits", "'" + text.charAt(at - 1) + "'"));
                    }
                    code = code * 16 + digit;
                }
                yield (char) code;
            }
            default -> throw error(Errors.expected("an escape", "'\\" + c + "'"));
        };
    }

    private static int digit(char c, int radix) {
        return c < 128 ? Character.digit(c, radix) : -1;
    }

    private char next() throws ParseException {
        if (at == text.length()) {
            throw error(Errors.expected("more", found()));
        }
        return text.charAt(at++);
    }

    private void expect(char c) throws ParseException {
        if (!accept(c)) {
            throw error(Errors.expected("'" + c + "'", found()));
        }
    }

    private boolean accept(char c) {
        skipSpace();
        if (at == text.length() || text.charAt(at) != c) {
            return false;
        }
        at++;
        return true;
    }

    private String found() {
        return at == text.length() ? "the end of the header" : "'" + text.charAt(at) + "'";
    }

    private void skipSpace() {
        while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }
}
