package dev.fluxion.serving.http;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * What a client gets.
 *
 * @param status the status of HTTP
 * @param type the type of the content
 * @param body the content
 * @param headers further headers
 */
@SuppressWarnings("ArrayRecordComponent") // which nobody changes or compares
record Reply(int status, String type, byte[] body, Map<String, String> headers) {
    static final String JSON_LENGTH = "Inference-Header-Content-Length";

    private static final String JSON = "application/json";
    private static final int OK = 200;

    static Reply json(byte[] body) {
        return new Reply(OK, JSON, body, Map.of());
    }

    /** JSON, and binary tensors after it. */
    static Reply binary(byte[] body, Map<String, String> jsonLength) {
        return new Reply(OK, "application/octet-stream", body, jsonLength);
    }

    static Reply text(String type, String body) {
        return new Reply(OK, type, body.getBytes(StandardCharsets.UTF_8), Map.of());
    }

    /** An error, as Triton writes it. */
    static Reply error(int status, String message, Map<String, String> headers) {
        return new Reply(status, JSON, Json.write(json -> json.writeStringProperty("error", message)), headers);
    }

    /** The same with another status. */
    Reply status(int other) {
        return new Reply(other, type, body, headers);
    }
}
