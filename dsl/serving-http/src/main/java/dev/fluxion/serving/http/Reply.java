package dev.fluxion.serving.http;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a client gets.
 *
 * @param status the status of HTTP
 * @param type the type of the content
 * @param text the content
 * @param numbers what comes after the text; null if nothing does
 * @param headers the lines of further headers
 */
@SuppressWarnings("ArrayRecordComponent") // which nobody changes or compares
record Reply(int status, String type, byte[] text, @Nullable Numbers numbers, String headers) {
    static final String JSON_LENGTH = "Inference-Header-Content-Length";

    private static final String JSON = "application/json";
    private static final int OK = 200;

    static Reply json(byte[] body) {
        return new Reply(OK, JSON, body, null, "");
    }

    /** JSON, and binary tensors after it. */
    static Reply binary(Form.Text json, Numbers numbers) {
        return new Reply(OK, "application/octet-stream", json.bytes(), numbers, json.headers());
    }

    static Reply text(String type, String body) {
        return new Reply(OK, type, body.getBytes(StandardCharsets.UTF_8), null, "");
    }

    /** An error, as Triton writes it. */
    static Reply error(int status, String message, Map<String, String> headers) {
        byte[] text = Json.write(json -> json.writeStringProperty("error", message));
        return new Reply(status, JSON, text, null, lines(headers));
    }

    /** Headers as HTTP has them. */
    static String lines(Map<String, String> headers) {
        StringBuilder lines = new StringBuilder();
        headers.forEach(
                (name, value) -> lines.append(name).append(": ").append(value).append("\r\n"));
        return lines.toString();
    }

    /** The same with another status. */
    Reply status(int other) {
        return new Reply(other, type, text, numbers, headers);
    }

    /** The number of bytes of the content. */
    int length() {
        return numbers == null ? text.length : Math.addExact(text.length, numbers.bytes());
    }
}
