package dev.fluxion.serving.http;

import dev.fluxion.Input;
import dev.fluxion.Tensor;
import dev.fluxion.ir.Shape;
import dev.fluxion.serving.protocol.DataType;
import dev.fluxion.serving.protocol.Elements;
import dev.fluxion.serving.protocol.Rules;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** An input of a request, field by field. */
final class GivenInput {
    static final String SIZE = "binary_data_size";

    private static final int NONE = -1;
    /** The shortest number in a list has so many bytes, with its comma. */
    private static final int SHORTEST = 2;

    private final List<Input> known;
    private final byte[] text;
    private @Nullable Input input;
    private @Nullable DataType type;
    private int @Nullable [] shape;
    private @Nullable JsonData data;
    private int dataAt = NONE;
    private long bytes = NONE;

    private GivenInput(List<Input> known, byte[] text) {
        this.known = known;
        this.text = text;
    }

    /** Reads an input, whose numbers may come later. */
    static GivenInput read(List<Input> known, byte[] text, JsonParser parser) {
        GivenInput given = new GivenInput(known, text);
        Json.object("an input", parser, given::field);
        return given;
    }

    private void field(String name, JsonParser value) {
        switch (name) {
            case "name" -> input = Rules.input(known, Json.text("the name of an input", value));
            case "datatype" -> type = DataType.named(Json.text("the datatype", value));
            case "shape" -> shape = shape(value);
            case "parameters" -> parameters(Json.parameters("the parameters of an input", value));
            case "data" -> data(value);
            default -> value.skipChildren();
        }
    }

    private static int[] shape(JsonParser value) {
        List<Long> extents = new ArrayList<>();
        Json.array("the shape", value, extent -> {
            Rules.requireMore("extents", extents.size());
            extents.add(Json.integer("an extent", extent));
        });
        return Rules.dims(extents);
    }

    private void parameters(Map<String, Object> parameters) {
        Rules.inputParameters(parameters.keySet());
        Object size = parameters.get(SIZE);
        if (size != null) {
            Rules.require(SIZE, "an integer from 0 on", size instanceof Long number && number >= 0);
            bytes = (Long) size;
        }
    }

    /** Reads the numbers, or finds out where they are, if it is not known yet what they are. */
    private void data(JsonParser value) {
        if (input != null && type != null) {
            data = read(value, input, type);
            return;
        }
        Rules.require("the data", "an array", value.currentToken() == JsonToken.START_ARRAY);
        dataAt = Math.toIntExact(value.currentTokenLocation().getByteOffset());
        value.skipChildren();
    }

    private JsonData read(JsonParser from, Input to, DataType of) {
        of.requireNumbers(to);
        int most = text.length / SHORTEST;
        int room = shape == null ? 0 : Math.min(most, Shape.of(shape).size());
        return JsonData.read(from, to, of, room);
    }

    /** The input's name. */
    String name() {
        return whole().name();
    }

    private Input whole() {
        if (input == null) {
            throw Errors.namelessInput();
        }
        return input;
    }

    /** The tensor, whose numbers are in the JSON or next in the binary part. */
    Tensor tensor(ByteBuffer binary) {
        Input to = whole();
        if (type == null || shape == null) {
            throw Errors.incomplete(to);
        }
        type.requireNumbers(to);
        if ((bytes == NONE) == (data == null && dataAt == NONE)) {
            throw Errors.dataOnce(to);
        }
        int size = Shape.of(shape).size();
        if (bytes != NONE) {
            return binary(to, type, size, binary).tensor(shape);
        }
        JsonData there = data == null ? reread(to, type) : data;
        there.requireFit(shape);
        return there.elements().tensor(shape);
    }

    private JsonData reread(Input to, DataType of) {
        try (JsonParser again = Json.parser(text, dataAt)) {
            again.nextToken();
            return read(again, to, of);
        }
    }

    /** Whether its numbers come after the JSON. */
    boolean isBinary() {
        return data == null && dataAt == NONE;
    }

    /** Reads the next numbers into what {@link #tensor} made before. */
    void fill(Tensor tensor, ByteBuffer binary) {
        Input to = whole();
        if (bytes > binary.remaining()) {
            throw Errors.missingBytes(to, bytes, binary.remaining());
        }
        read(Objects.requireNonNull(type), tensor.size(), binary, Elements.in(to, tensor));
    }

    private Elements binary(Input to, DataType of, int size, ByteBuffer binary) {
        long wanted = (long) size * of.bytes();
        if (bytes != wanted) {
            throw Errors.wrongBytes(to, of, size, bytes);
        }
        if (bytes > binary.remaining()) {
            throw Errors.missingBytes(to, bytes, binary.remaining());
        }
        return read(to, of, size, binary);
    }

    /** Reads the next numbers. */
    static Elements read(Input to, DataType of, int size, ByteBuffer binary) {
        Elements elements = new Elements(to, size);
        read(of, size, binary, elements);
        return elements;
    }

    private static void read(DataType of, int size, ByteBuffer binary, Elements into) {
        int end = binary.position() + size * of.bytes();
        of.read(binary, size, into);
        binary.position(end);
    }
}
