package dev.fluxion.io;

import dev.fluxion.Tensor;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Legible;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** Writes the header of a safetensors file. */
final class HeaderWriter {
    private static final int ALIGNMENT = 8;

    private final StringBuilder json = new StringBuilder(Checksums.begin());
    private long at;

    private HeaderWriter() {}

    /**
     * The bytes of a header for the tensors in their order, with zeros for checksums, padded so that the data begins at a
     * multiple of 8.
     */
    static byte[] format(Map<String, Tensor> tensors, Map<String, String> metadata) {
        HeaderWriter writer = new HeaderWriter();
        writer.json.append(Checksums.blank(tensors.size())).append('"');
        metadata.keySet().forEach(key -> Given.require("write", "the name of a text", key));
        new TreeMap<>(metadata).forEach(writer::text);
        writer.json.append('}');
        tensors.forEach(writer::tensor);
        return padded(writer.json.append('}').toString().getBytes(StandardCharsets.UTF_8));
    }

    private void text(String key, String text) {
        Given.require("write", "the text '" + Legible.of(key) + "'", text);
        if (Checksums.owns(key)) {
            throw new IllegalArgumentException(Errors.reservedText(key));
        }
        json.append(',').append(quote(key)).append(':').append(quote(text));
    }

    private void tensor(String name, Tensor tensor) {
        Given.require("write", "the name of a tensor", name);
        Given.require("write", "the tensor '" + Legible.of(name) + "'", tensor);
        if (name.equals(Header.METADATA)) {
            throw new IllegalArgumentException(Errors.reservedName(name));
        }
        long end = at + 4L * tensor.size();
        if (end - at > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(Errors.tensorTooLarge(name, end - at));
        }
        Type type = tensor.dtype() == DType.FLOAT ? Type.F32 : Type.I32;
        String shape = Arrays.toString(tensor.shape().dims()).replace(" ", "");
        json.append(',').append(quote(name)).append(":{\"dtype\":\"").append(type);
        json.append("\",\"shape\":").append(shape);
        json.append(",\"data_offsets\":[").append(at).append(',').append(end).append("]}");
        at = end;
    }

    private static byte[] padded(byte[] header) {
        byte[] padded = Arrays.copyOf(header, (header.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
        Arrays.fill(padded, header.length, padded.length, (byte) ' ');
        if (padded.length > Header.MOST_BYTES) {
            throw new IllegalArgumentException(Errors.headerTooLong(padded.length, Header.MOST_BYTES));
        }
        return padded;
    }

    static String quote(String text) {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
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
