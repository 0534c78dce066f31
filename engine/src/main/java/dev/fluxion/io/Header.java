package dev.fluxion.io;

import dev.fluxion.Tensor;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Given;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The header of a safetensors file.
 *
 * @param entries the tensors in the order of their data
 * @param metadata texts by name
 */
record Header(List<Entry> entries, Map<String, String> metadata) {
    static final int MOST_BYTES = 100_000_000;

    private static final String METADATA = "__metadata__";
    private static final int MOST_AXES = 64;

    /** What the header says of a tensor; offsets count from the end of the header. */
    @SuppressWarnings("ArrayRecordComponent")
    record Entry(String name, String type, long[] shape, long begin, long end) {
        long bytes() {
            return end - begin;
        }

        int[] dims() {
            return Arrays.stream(shape).mapToInt(Math::toIntExact).toArray();
        }
    }

    static Header parse(String text) throws ParseException {
        JsonReader json = new JsonReader(text);
        List<Entry> entries = new ArrayList<>();
        Map<String, String> metadata = new LinkedHashMap<>();
        json.object(name -> {
            if (name.equals(METADATA)) {
                json.object(key -> metadata.put(key, json.string()));
            } else {
                entries.add(entry(json, name));
            }
        });
        json.end();
        entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        return new Header(entries, metadata);
    }

    private static Entry entry(JsonReader json, String name) throws ParseException {
        Map<String, String> type = new LinkedHashMap<>();
        Map<String, long[]> numbers = new LinkedHashMap<>();
        json.object(key -> {
            switch (key) {
                case "dtype" -> type.put(key, json.string());
                case "shape", "data_offsets" -> numbers.put(key, numbers(json));
                default -> throw json.error(Errors.unknownField(key));
            }
        });
        String dtype = type.get("dtype");
        long[] shape = numbers.get("shape");
        long[] offsets = numbers.get("data_offsets");
        if (dtype == null || shape == null || offsets == null) {
            throw json.error(Errors.missingField());
        }
        if (offsets.length != 2) {
            throw json.error(Errors.offsetCount(offsets.length));
        }
        return new Entry(name, dtype, shape, offsets[0], offsets[1]);
    }

    private static long[] numbers(JsonReader json) throws ParseException {
        long[] numbers = new long[MOST_AXES];
        int[] count = {0};
        json.array(index -> {
            if (index == MOST_AXES) {
                throw json.error(Errors.tooManyNumbers(MOST_AXES));
            }
            numbers[index] = json.integer();
            count[0] = index + 1;
        });
        return Arrays.copyOf(numbers, count[0]);
    }

    /** Checks that the tensors are of known types, as large as their shapes say, and fill the data exactly. */
    void check(Path file, long dataBytes) throws TensorFileException {
        long at = 0;
        for (Entry e : entries) {
            long size = elements(file, e) * elementBytes(file, e);
            if (size > Integer.MAX_VALUE) {
                throw new TensorFileException(file, Errors.tensorTooLarge(e.name(), size));
            }
            if (e.bytes() != size) {
                throw new TensorFileException(
                        file, Errors.wrongSize(e.name(), e.shape(), e.type(), size, e.begin(), e.end()));
            }
            if (e.begin() != at) {
                throw new TensorFileException(file, Errors.notAdjacent(e.name(), at, e.begin()));
            }
            at = e.end();
        }
        if (at != dataBytes) {
            throw new TensorFileException(file, Errors.wrongDataSize(at, dataBytes));
        }
    }

    private static int elementBytes(Path file, Entry e) throws TensorFileException {
        return switch (e.type()) {
            case "F32", "I32" -> 4;
            case "I64" -> 8;
            default -> throw new TensorFileException(file, Errors.unknownType(e.name(), e.type()));
        };
    }

    private static long elements(Path file, Entry e) throws TensorFileException {
        long count = 1;
        boolean empty = false;
        for (long extent : e.shape()) {
            if (extent > Integer.MAX_VALUE || count * Math.max(extent, 1) > Integer.MAX_VALUE) {
                throw new TensorFileException(file, Errors.shapeTooLarge(e.name(), e.shape()));
            }
            empty |= extent == 0;
            count *= Math.max(extent, 1);
        }
        return empty ? 0 : count;
    }

    /** The bytes of a header for the tensors in their order, padded so that the data begins at a multiple of 8. */
    static byte[] format(Map<String, Tensor> tensors, Map<String, String> metadata) {
        StringBuilder json = new StringBuilder("{");
        if (!metadata.isEmpty()) {
            json.append(quote(METADATA)).append(":{");
            metadata.keySet().forEach(key -> Given.require("write", "the name of a text", key));
            new TreeMap<>(metadata).forEach((key, text) -> json.append(comma(json))
                    .append(quote(key))
                    .append(':')
                    .append(quote(Given.require("write", "the text '" + key + "'", text))));
            json.append('}');
        }
        long at = 0;
        for (Map.Entry<String, Tensor> tensor : tensors.entrySet()) {
            String name = Given.require("write", "the name of a tensor", tensor.getKey());
            Given.require("write", "the tensor '" + name + "'", tensor.getValue());
            if (name.equals(METADATA)) {
                throw new IllegalArgumentException(Errors.reservedName(METADATA));
            }
            long end = at + 4L * tensor.getValue().size();
            if (end - at > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(Errors.tensorTooLarge(name, end - at));
            }
            json.append(comma(json)).append(quote(name)).append(":{\"dtype\":\"");
            json.append(tensor.getValue().dtype() == DType.FLOAT ? "F32" : "I32")
                    .append("\",\"shape\":");
            json.append(Arrays.toString(tensor.getValue().shape().dims()).replace(" ", ""));
            json.append(",\"data_offsets\":[")
                    .append(at)
                    .append(',')
                    .append(end)
                    .append("]}");
            at = end;
        }
        byte[] bytes = json.append('}').toString().getBytes(StandardCharsets.UTF_8);
        byte[] padded = Arrays.copyOf(bytes, (bytes.length + 7) / 8 * 8);
        Arrays.fill(padded, bytes.length, padded.length, (byte) ' ');
        if (padded.length > MOST_BYTES) {
            throw new IllegalArgumentException(Errors.headerTooLong(padded.length, MOST_BYTES));
        }
        return padded;
    }

    private static String comma(StringBuilder json) {
        return json.charAt(json.length() - 1) == '{' ? "" : ",";
    }

    private static String quote(String text) {
        if (!Utf8.isValid(text)) {
            throw new IllegalArgumentException(Errors.notText(text));
        }
        StringBuilder out = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ') {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }
}
