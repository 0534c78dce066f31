package dev.fluxion.serving.http;

import dev.fluxion.Input;
import dev.fluxion.serving.protocol.DataType;
import dev.fluxion.serving.protocol.Elements;
import dev.fluxion.serving.protocol.Rules;
import java.util.Arrays;
import java.util.stream.IntStream;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * The numbers of an input in JSON: one list, or lists in lists that are nested as the shape says. Lists of one element may be there
 * or not.
 */
final class JsonData {
    private static final int OPEN = -1;

    private final Input input;
    private final DataType type;
    private final Elements elements;
    /** For each depth, how many elements its lists have, and how many of the present one were read. */
    private final int[] extents = new int[Json.DEPTH + 1];

    private final int[] read = new int[Json.DEPTH + 1];
    private int deepest;
    private int leaves;

    private JsonData(Input input, DataType type, Elements elements) {
        this.input = input;
        this.type = type;
        this.elements = elements;
        Arrays.fill(extents, OPEN);
    }

    /** Reads the list that begins here. */
    static JsonData read(JsonParser parser, Input input, DataType type, int room) {
        if (type == DataType.FP16 || type == DataType.BF16) {
            throw Errors.onlyBinary(input, type);
        }
        JsonData data = new JsonData(input, type, new Elements(input, room));
        data.read(parser);
        return data;
    }

    Elements elements() {
        return elements;
    }

    private void read(JsonParser parser) {
        Rules.require("the data of '" + input.name() + "'", "an array", parser.currentToken() == JsonToken.START_ARRAY);
        int depth = 0;
        JsonToken token = parser.currentToken();
        while (true) {
            if (token == JsonToken.END_ARRAY) {
                close(depth);
                depth--;
                if (depth == 0) {
                    return;
                }
            } else {
                read[depth]++;
                if (token == JsonToken.START_ARRAY) {
                    depth++;
                    deepest = Math.max(deepest, depth);
                    read[depth] = 0;
                } else {
                    leaf(depth);
                    add(parser, token);
                }
            }
            token = parser.nextToken();
        }
    }

    private void close(int depth) {
        if (extents[depth] != OPEN && extents[depth] != read[depth]) {
            throw Errors.ragged(input);
        }
        extents[depth] = read[depth];
    }

    private void leaf(int depth) {
        if (leaves != 0 && leaves != depth) {
            throw Errors.ragged(input);
        }
        leaves = depth;
    }

    private void add(JsonParser parser, JsonToken token) {
        if (type == DataType.BOOL) {
            elements.add(Json.bool(name(), parser) ? 1 : 0L);
        } else if (type.isReal()) {
            Rules.require(
                    name(), "a number", token == JsonToken.VALUE_NUMBER_FLOAT || token == JsonToken.VALUE_NUMBER_INT);
            addReal(parser);
        } else {
            elements.add(type, Json.integer(name(), parser));
        }
    }

    private void addReal(JsonParser parser) {
        if (type == DataType.FP64 || parser.isNaN()) {
            double value = parser.getDoubleValue();
            requireSpelled(parser, Double.isInfinite(value));
            elements.add(value);
        } else {
            float value = parser.getFloatValue();
            requireSpelled(parser, Float.isInfinite(value));
            elements.addFloat(value);
        }
    }

    /** Digits never mean an infinity. */
    private void requireSpelled(JsonParser parser, boolean infinite) {
        if (infinite && !parser.isNaN()) {
            throw elements.beyond(type);
        }
    }

    private String name() {
        return "element " + elements.count() + " of '" + input.name() + "'";
    }

    /** Requires the number of elements and the nesting of a shape. */
    void requireFit(int[] shape) {
        elements.requireCount(shape);
        if (elements.count() > 0
                && (leaves != deepest || leaves > 1 && !Arrays.equals(longer(nesting()), longer(shape)))) {
            throw Errors.ragged(input);
        }
    }

    private int[] nesting() {
        return Arrays.copyOfRange(extents, 1, leaves + 1);
    }

    private static int[] longer(int[] dims) {
        return IntStream.of(dims).filter(dim -> dim != 1).toArray();
    }
}
