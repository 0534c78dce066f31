package dev.fluxion.serving.http;

import dev.fluxion.serving.protocol.Rules;
import java.io.ByteArrayOutputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import tools.jackson.core.JsonEncoding;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;

/** Reads and writes JSON, with bounds on what is read. */
final class Json {
    /** How deep values may be nested. */
    static final int DEPTH = 100;

    /** With the byte below it, a mark of the order of bytes in UTF-16 and UTF-32. */
    private static final byte MARK = (byte) 0xFF;

    private static final int MOST_DIGITS = 1000;
    private static final int MOST_LETTERS = 1 << 16;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEPTH)
                    .maxNumberLength(MOST_DIGITS)
                    .maxStringLength(MOST_LETTERS)
                    .maxNameLength(MOST_LETTERS)
                    .build())
            .build();

    private Json() {}

    static JsonParser parser(byte[] text, int from) {
        return FACTORY.createParser(ObjectReadContext.empty(), text, from, text.length - from);
    }

    /** What fields of an object are read by. */
    interface Field {
        void read(String name, JsonParser value);
    }

    /** Reads the only value of a text, which is an object. */
    static void object(byte[] text, Field each) {
        requireUtf8(text);
        try (JsonParser parser = parser(text, 0)) {
            parser.nextToken();
            object("the request", parser, each);
            if (parser.nextToken() != null) {
                throw Errors.moreJson();
            }
        }
    }

    /** What begins as other encodings of Unicode do is refused. The parser would read it, but does not know places in it. */
    private static void requireUtf8(byte[] text) {
        boolean marked =
                text.length > 1 && (text[0] == MARK && text[1] == MARK - 1 || text[0] == MARK - 1 && text[1] == MARK);
        boolean zero = false;
        for (int i = 0; i < Math.min(text.length, Integer.BYTES); i++) {
            zero |= text[i] == 0;
        }
        if (marked || zero) {
            throw Errors.notUtf8();
        }
    }

    /** Reads the fields of an object that begins here. Whoever reads one stays at its end. */
    static void object(String what, JsonParser parser, Field each) {
        Rules.require(what, "an object", parser.currentToken() == JsonToken.START_OBJECT);
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            each.read(name, parser);
        }
    }

    /** Reads the elements of an array that begins here. */
    static void array(String what, JsonParser parser, Consumer<JsonParser> each) {
        Rules.require(what, "an array", parser.currentToken() == JsonToken.START_ARRAY);
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            each.accept(parser);
        }
    }

    static String text(String what, JsonParser parser) {
        Rules.require(what, "a string", parser.currentToken() == JsonToken.VALUE_STRING);
        return parser.getString();
    }

    static long integer(String what, JsonParser parser) {
        Rules.require(
                what,
                "an integer below 2^63",
                parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                        && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER);
        return parser.getLongValue();
    }

    static boolean bool(String what, JsonParser parser) {
        JsonToken token = parser.currentToken();
        Rules.require(what, "true or false", token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE);
        return token == JsonToken.VALUE_TRUE;
    }

    /** Reads parameters: strings, numbers, true and false by name. */
    static Map<String, Object> parameters(String what, JsonParser parser) {
        Map<String, Object> read = new LinkedHashMap<>();
        object(what, parser, (name, value) -> {
            Rules.requireMore("parameters", read.size());
            read.put(name, parameter(what + "." + name, value));
        });
        return read;
    }

    private static Object parameter(String what, JsonParser value) {
        return switch (value.currentToken()) {
            case VALUE_STRING -> value.getString();
            case VALUE_NUMBER_INT -> integer(what, value);
            case VALUE_NUMBER_FLOAT -> finite(what, value.getDoubleValue());
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> throw Errors.noParameter(what);
        };
    }

    private static double finite(String what, double value) {
        Rules.require(what, "a finite number", Double.isFinite(value));
        return value;
    }

    /** Writes an object. */
    static byte[] write(Consumer<JsonGenerator> fields) {
        return writeValue(json -> {
            json.writeStartObject();
            fields.accept(json);
            json.writeEndObject();
        });
    }

    /** Writes any value. */
    static byte[] writeValue(Consumer<JsonGenerator> value) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), bytes, JsonEncoding.UTF8)) {
            value.accept(json);
        }
        return bytes.toByteArray();
    }

    static void writeParameters(JsonGenerator json, Map<String, Object> parameters) {
        json.writeObjectPropertyStart("parameters");
        parameters.forEach((name, value) -> {
            json.writeName(name);
            if (value instanceof String text) {
                json.writeString(text);
            } else if (value instanceof Long number) {
                json.writeNumber(number);
            } else if (value instanceof Double number) {
                json.writeNumber(number);
            } else {
                json.writeBoolean(value == Boolean.TRUE);
            }
        });
        json.writeEndObject();
    }
}
