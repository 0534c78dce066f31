package dev.fluxion.client;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** Writes requests and reads answers: JSON, and binary tensors after it. */
final class Message {
    private Message() {}

    /** The JSON of a request. */
    static byte[] json(Map<String, Values> inputs) {
        StringJoiner each = new StringJoiner(",", "{\"parameters\":{\"binary_data_output\":true},\"inputs\":[", "]}");
        inputs.forEach((name, values) -> each.add("{\"name\":" + Json.quoted(name) + ",\"datatype\":\"" + values.type()
                + "\",\"shape\":" + Arrays.toString(values.shape()) + ",\"parameters\":{\"binary_data_size\":"
                + values.bytes() + "}}"));
        return each.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** A request. */
    static byte[] body(byte[] json, Map<String, Values> inputs) {
        long bytes =
                json.length + inputs.values().stream().mapToLong(Values::bytes).sum();
        if (bytes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(Errors.tooLarge(bytes));
        }
        ByteBuffer body =
                ByteBuffer.allocate((int) bytes).order(ByteOrder.LITTLE_ENDIAN).put(json);
        inputs.values().forEach(values -> values.write(body));
        return body.array();
    }

    /** The outputs of an answer, of which some bytes are JSON. */
    static Map<String, Values> outputs(byte[] body, int jsonLength) {
        if (jsonLength < 0 || jsonLength > body.length) {
            throw Errors.badAnswer("it has " + body.length + " bytes, but its JSON " + jsonLength);
        }
        ByteBuffer binary = ByteBuffer.wrap(body, jsonLength, body.length - jsonLength);
        Map<?, ?> json = Json.object(new String(body, 0, jsonLength, StandardCharsets.UTF_8));
        if (!(json.get("outputs") instanceof List<?> outputs)) {
            throw Errors.badAnswer("it has no outputs");
        }
        Map<String, Values> read = new LinkedHashMap<>();
        for (Object output : outputs) {
            if (!(output instanceof Map<?, ?> map) || !(map.get("name") instanceof String name)) {
                throw Errors.badAnswer("an output has no name");
            }
            read.put(name, output(map, binary));
        }
        return read;
    }

    private static Values output(Map<?, ?> output, ByteBuffer binary) {
        int[] shape =
                numbers(output.get("shape")).stream().mapToInt(Message::extent).toArray();
        String type = String.valueOf(output.get("datatype"));
        if (!type.equals("FP32") && !type.equals("INT32")) {
            throw Errors.badAnswer("an output has datatype " + type + "; FP32 and INT32 are supported");
        }
        try {
            if (output.get("parameters") instanceof Map<?, ?> map
                    && map.get("binary_data_size") instanceof Double size) {
                return Values.read(type, shape, next(binary, size));
            }
            List<Double> numbers = numbers(output.get("data"));
            return type.equals("FP32") ? Values.of(floats(numbers), shape) : Values.of(ints(numbers), shape);
        } catch (IllegalArgumentException e) {
            throw Errors.badAnswer(String.valueOf(e.getMessage()));
        }
    }

    private static ByteBuffer next(ByteBuffer binary, double size) {
        if (!(size >= 0 && size <= binary.remaining())) {
            throw Errors.badAnswer("an output has more bytes than there are");
        }
        ByteBuffer next = binary.slice(binary.position(), (int) size).order(ByteOrder.LITTLE_ENDIAN);
        binary.position(binary.position() + (int) size);
        return next;
    }

    private static int extent(double number) {
        if (number < 0 || number != (int) number) {
            throw Errors.badAnswer("an extent is " + number);
        }
        return (int) number;
    }

    /** The numbers of a list, and of lists in it. */
    private static List<Double> numbers(@Nullable Object list) {
        List<Double> numbers = new ArrayList<>();
        if (!(list instanceof List<?> all)) {
            throw Errors.badAnswer("an output has no list of numbers");
        }
        for (Object one : all) {
            if (one instanceof Double number) {
                numbers.add(number);
            } else {
                numbers.addAll(numbers(one));
            }
        }
        return numbers;
    }

    private static float[] floats(List<Double> numbers) {
        float[] floats = new float[numbers.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = numbers.get(i).floatValue();
        }
        return floats;
    }

    private static int[] ints(List<Double> numbers) {
        return numbers.stream().mapToInt(Double::intValue).toArray();
    }
}
