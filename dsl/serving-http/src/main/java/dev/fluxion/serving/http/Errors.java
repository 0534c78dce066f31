package dev.fluxion.serving.http;

import dev.fluxion.Input;
import dev.fluxion.serving.protocol.DataType;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Every message of this package. */
final class Errors {
    private static final int BAD = 400;

    private Errors() {}

    static void requirePath(String path) {
        if (!path.startsWith("/")) {
            throw new IllegalArgumentException("Server: the path of a page must begin with / but is '" + path + "'");
        }
    }

    static String failed() {
        return "the server failed to answer the request; its log says why";
    }

    private static HttpFault bad(String message) {
        return new HttpFault(BAD, message, Map.of());
    }

    static HttpFault unavailable(String message) {
        return new HttpFault(503, message, Map.of("Retry-After", "1"));
    }

    static HttpFault manyConnections() {
        return unavailable("the server has as many connections as it takes");
    }

    // The request as HTTP.

    static HttpFault badHttp(String why) {
        return bad("no valid HTTP request: " + why);
    }

    static HttpFault longLine() {
        return new HttpFault(414, "the first line of the request is longer than the server takes", Map.of());
    }

    static HttpFault longHeader() {
        return new HttpFault(431, "the headers of the request are longer than the server takes", Map.of());
    }

    static HttpFault longBody(long most) {
        return new HttpFault(
                413, "the body of the request has more bytes than the " + most + " that the server takes", Map.of());
    }

    static HttpFault slow(Duration most) {
        return new HttpFault(408, "the request did not come within " + most.toMillis() + " ms", Map.of());
    }

    static HttpFault badEncoding(String encoding) {
        return new HttpFault(
                415, "Content-Encoding '" + encoding + "' is not supported; gzip and deflate are", Map.of());
    }

    static HttpFault badCoding(String coding) {
        return new HttpFault(501, "Transfer-Encoding '" + coding + "' is not supported; chunked is", Map.of());
    }

    static HttpFault longChunkLine() {
        return badHttp("the line before a chunk is longer than the server takes");
    }

    static HttpFault badUnfolding(String encoding) {
        return bad("the body is no valid " + encoding);
    }

    static HttpFault badExpectation(String given) {
        return new HttpFault(417, "Expect '" + given + "' is not supported; 100-continue is", Map.of());
    }

    static HttpFault badVersion(String version) {
        return new HttpFault(505, version + " is not supported; HTTP/1.1 is", Map.of());
    }

    static String connectionFailed() {
        return "a connection failed";
    }

    static HttpFault badPath() {
        return bad("the path is not encoded well");
    }

    static HttpFault noPath() {
        return new HttpFault(404, "there is nothing at this path", Map.of());
    }

    static HttpFault wrongMethod(String wanted) {
        return new HttpFault(405, "the method must be " + wanted, Map.of("Allow", wanted));
    }

    static HttpFault unauthorized() {
        return new HttpFault(401, "a valid 'Authorization: Bearer' is needed", Map.of("WWW-Authenticate", "Bearer"));
    }

    // JSON.

    /** What the parser says but where it began, which it does not know of bytes. */
    static String badJson(String why) {
        return why.contains("nesting depth")
                ? "JSON nesting depth exceeds the maximum of " + Json.DEPTH
                : "failed to parse the request JSON: " + why.replaceAll(" \\(start marker at .*\\)|, from `[^`]*`", "");
    }

    static HttpFault missingJsonLength() {
        return bad("failed to parse the request JSON: where binary numbers follow it, the header " + Reply.JSON_LENGTH
                + " must say how many bytes it has");
    }

    static HttpFault notUtf8() {
        return bad("failed to parse the request JSON: it must be in UTF-8");
    }

    static HttpFault moreJson() {
        return bad("there is more than one JSON value");
    }

    static HttpFault namelessInput() {
        return bad("an input must be an object with a name");
    }

    static HttpFault noParameter(String what) {
        return bad(what + " must be a string, a number, true or false");
    }

    static HttpFault noHost() {
        return bad("the header host is missing, which HTTP/1.1 demands");
    }

    static HttpFault twice(String header) {
        return bad("the header " + header + " must not be there twice");
    }

    static HttpFault badJsonLength(String given, int most) {
        return bad(
                Reply.JSON_LENGTH + " must be from 0 to the length of the body, " + most + ", but is '" + given + "'");
    }

    private static List<String> names(List<Input> inputs) {
        return inputs.stream().map(Input::name).toList();
    }

    static HttpFault incomplete(Input input) {
        return bad("input '" + input.name() + "' needs a datatype and a shape");
    }

    static HttpFault dataOnce(Input input) {
        return bad("input '" + input.name() + "' needs either data or a binary_data_size");
    }

    static HttpFault ragged(Input input) {
        return bad("the data of '" + input.name() + "' must be one list, or nested as the shape says");
    }

    // Numbers.

    static HttpFault onlyBinary(Input input, DataType type) {
        return bad(type + " has no form in JSON: send input '" + input.name() + "' as binary data");
    }

    static HttpFault noJsonNumber(String output, float value) {
        return new HttpFault(
                500,
                "output '" + output + "' has " + value + ", which JSON cannot hold: ask for binary data",
                Map.of());
    }

    // Binary tensors.

    static HttpFault wrongBytes(Input input, DataType type, int elements, long given) {
        return bad("input '" + input.name() + "' has " + elements + " elements of " + type
                + " but a binary_data_size of " + given);
    }

    static HttpFault missingBytes(Input input, long wanted, int left) {
        return bad("input '" + input.name() + "' has a binary_data_size of " + wanted + " but only " + left
                + " bytes of the body are left");
    }

    static HttpFault bytesLeft(int left) {
        return bad(left + " bytes after the JSON belong to no input");
    }

    static HttpFault rawNeedsOne(List<Input> inputs) {
        return bad("a raw request needs a model with 1 input, but there are " + inputs.size() + ": "
                + names(inputs).stream().collect(Collectors.joining(", ")));
    }

    static HttpFault rawVaries(Input input) {
        return bad("the shape of the raw input '" + input.name()
                + "' can not be deduced because more than one extent varies: the number of samples and "
                + String.join(", ", input.varying().values()));
    }

    static HttpFault rawLength(Input input, long sample, int given) {
        return bad("a raw request for '" + input.name() + "' must have a multiple of " + sample + " bytes, but has "
                + given);
    }
}
