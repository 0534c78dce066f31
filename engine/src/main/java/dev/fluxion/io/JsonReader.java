package dev.fluxion.io;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads as much of JSON as a safetensors header and the structure of a model may use: objects, lists, strings and whole numbers from 0 on. */
final class JsonReader {
    private static final int PIECE = 1 << 14;
    private static final int MOST_DIGITS = 18;

    private final Path file;
    private final Characters text;

    JsonReader(Path file, Characters text) {
        this.file = file;
        this.text = text;
    }

    /** What to do for a member or an element; it reads the value. */
    interface Reading<T> {
        void read(T what) throws IOException;
    }

    /** Reads an object whose names are kept up to a length. */
    void object(int longestName, Reading<String> member) throws IOException {
        list('{', '}', index -> {
            String key = string(longestName);
            expect(':');
            member.read(key);
        });
    }

    void array(Reading<Integer> element) throws IOException {
        list('[', ']', element);
    }

    private void list(char open, char close, Reading<Integer> element) throws IOException {
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

    long integer() throws IOException {
        skipSpace();
        long start = text.taken();
        long value = 0;
        int first = text.peek();
        int digits = 0;
        for (int digit = digit(first, 10); digit >= 0; digit = digit(text.peek(), 10)) {
            value = 10 * value + digit;
            text.take();
            if (++digits > MOST_DIGITS || digits > 1 && first == '0') {
                throw error(start, Errors.notANumber(Errors.character(first)));
            }
        }
        if (digits == 0) {
            throw error(Errors.notANumber(found()));
        }
        return value;
    }

    /** Reads a string. */
    String string() throws IOException {
        return string(Integer.MAX_VALUE);
    }

    /** Reads a string and keeps its first characters; it takes no more than twice the memory of what is kept. */
    String string(int most) throws IOException {
        expect('"');
        List<String> pieces = new ArrayList<>();
        StringBuilder piece = new StringBuilder();
        long kept = 0;
        char last = 0;
        while (true) {
            char c = next();
            boolean over = c == '"';
            if (c < ' ') {
                throw error(Errors.expected("an escape", "a control character in a string"));
            }
            c = c == '\\' ? escape() : c;
            if (Character.isHighSurrogate(last) != (!over && Character.isLowSurrogate(c))) {
                throw error(Errors.notText(String.join("", pieces) + piece));
            }
            if (over) {
                return pieces.isEmpty() ? piece.toString() : joined(pieces, piece);
            }
            if (kept++ < most) {
                piece.append(c);
            }
            if (piece.length() == PIECE) {
                pieces.add(piece.toString());
                piece.setLength(0);
            }
            last = c;
        }
    }

    private static String joined(List<String> pieces, StringBuilder last) {
        pieces.add(last.toString());
        return String.join("", pieces);
    }

    /** What a value begins with, −1 at the end. */
    int first() throws IOException {
        skipSpace();
        return text.peek();
    }

    void end() throws IOException {
        skipSpace();
        if (text.peek() >= 0) {
            throw error(Errors.expected("the end of the header", found()));
        }
    }

    TensorFileException error(String problem) {
        return error(text.taken(), problem);
    }

    private TensorFileException error(long at, String problem) {
        return new TensorFileException(file, text.problem(at, problem));
    }

    private char escape() throws IOException {
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
                    int digit = digit(text.peek(), 16);
                    if (digit < 0) {
                        throw error(Errors.expected("four hexadecimal digits", found()));
                    }
                    code = code * 16 + digit;
                    text.take();
                }
                yield (char) code;
            }
            default -> throw error(Errors.expected("an escape", "\\ and " + Errors.character(c)));
        };
    }

    private static int digit(int c, int radix) {
        return c < 128 ? Character.digit(c, radix) : -1;
    }

    private char next() throws IOException {
        int c = text.peek();
        if (c < 0) {
            throw error(Errors.expected("more", found()));
        }
        text.take();
        return (char) c;
    }

    private void expect(char c) throws IOException {
        if (!accept(c)) {
            throw error(Errors.expected("'" + c + "'", found()));
        }
    }

    private boolean accept(char c) throws IOException {
        skipSpace();
        if (text.peek() != c) {
            return false;
        }
        text.take();
        return true;
    }

    private String found() throws IOException {
        int c = text.peek();
        return c < 0 ? "the end of the header" : Errors.character(c);
    }

    private void skipSpace() throws IOException {
        while (text.peek() >= 0 && " \t\n\r".indexOf(text.peek()) >= 0) {
            text.take();
        }
    }
}
