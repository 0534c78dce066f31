package dev.fluxion.io;

import dev.fluxion.ir.Given;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Texts in JSON, as the metadata of a file have them: objects as maps, lists, strings, and whole numbers from 0 on. There are no others,
 * so that what is written is what is read.
 */
public final class Json {
    private static final int DEEPEST = 8;

    private Json() {}

    /**
     * The text of a value.
     *
     * @param value maps with strings as keys, lists, strings and numbers
     * @throws IllegalArgumentException if a string is not valid Unicode, or a value is of another kind
     */
    public static String write(Object value) {
        StringBuilder out = new StringBuilder();
        write(Given.require("Json", "the value", value), out);
        return out.toString();
    }

    private static void write(Object value, StringBuilder out) {
        if (value instanceof Map<?, ?> map) {
            out.append('{');
            for (Iterator<? extends Map.Entry<?, ?>> each = map.entrySet().iterator(); each.hasNext(); ) {
                Map.Entry<?, ?> entry = each.next();
                out.append(HeaderWriter.quote((String) entry.getKey())).append(':');
                write(entry.getValue(), out);
                out.append(each.hasNext() ? "," : "");
            }
            out.append('}');
        } else if (value instanceof List<?> list) {
            out.append('[');
            for (Iterator<?> each = list.iterator(); each.hasNext(); ) {
                write(each.next(), out);
                out.append(each.hasNext() ? "," : "");
            }
            out.append(']');
        } else if (value instanceof Integer || value instanceof Long) {
            out.append(value);
        } else if (value instanceof String text) {
            out.append(HeaderWriter.quote(text));
        } else {
            throw new IllegalArgumentException(Errors.notJson(value));
        }
    }

    /**
     * The value of a text.
     *
     * @param file the file that it is of, for messages
     * @param name what the text is called in the file
     * @return maps, lists, strings, and numbers as {@link Long}
     * @throws TensorFileException if it is no such text, has a key twice in an object, or lists within lists that are too deep
     */
    public static Object read(Path file, String name, String text) throws TensorFileException {
        Given.require("Json", "the file", file);
        Given.require("Json", "the name", name);
        Given.require("Json", "the text", text);
        try {
            JsonReader reader = new JsonReader(file, new Text(name, text));
            Object value = read(reader, 0);
            reader.end();
            return value;
        } catch (TensorFileException e) {
            throw e;
        } catch (IOException e) {
            throw new TensorFileException(file, Errors.unreadable(e), e);
        }
    }

    private static Object read(JsonReader reader, int depth) throws IOException {
        if (depth > DEEPEST) {
            throw reader.error(Errors.tooDeep(DEEPEST));
        }
        switch (reader.first()) {
            case '{' -> {
                Map<String, Object> map = new LinkedHashMap<>();
                reader.object(Integer.MAX_VALUE, key -> {
                    if (map.put(key, read(reader, depth + 1)) != null) {
                        throw reader.error(Errors.duplicate(key));
                    }
                });
                return map;
            }
            case '[' -> {
                List<Object> list = new ArrayList<>();
                reader.array(index -> list.add(read(reader, depth + 1)));
                return list;
            }
            case '"' -> {
                return reader.string();
            }
            default -> {
                return reader.integer();
            }
        }
    }

    /** The characters of a text in memory. */
    private static final class Text implements Characters {
        private final String name;
        private final String text;
        private int at;

        Text(String name, String text) {
            this.name = name;
            this.text = text;
        }

        @Override
        public long taken() {
            return at;
        }

        @Override
        public int peek() {
            return at < text.length() ? text.charAt(at) : -1;
        }

        @Override
        public void take() {
            at++;
        }

        @Override
        public String problem(long place, String problem) {
            return Errors.badText(name, place, problem);
        }
    }
}
