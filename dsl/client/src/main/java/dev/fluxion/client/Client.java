package dev.fluxion.client;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Asks models that a server offers by the Open Inference Protocol, numbers in binary:
 *
 * <pre>{@code
 * Client client = Client.of(URI.create("http://localhost:8000"));
 * float[] scores = client.infer("digits", Map.of("input", Values.of(pixels, 1, 784))).get("output").floats();
 * }</pre>
 *
 * <p>Any number of threads may ask; connections are kept and used again.
 *
 * @param server the address of the server, which may have a path, as behind a gateway
 * @param http what connects: how many connections, whom it trusts
 * @param timeout how long an answer may take, until its last byte
 * @param token what is shown in {@code Authorization: Bearer}; null for nothing
 */
public record Client(
        URI server,
        HttpClient http,
        Duration timeout,
        @Nullable String token) {
    private static final String JSON_LENGTH = "Inference-Header-Content-Length";
    private static final int OK = 200;

    /** Checks what is given. */
    public Client {
        Errors.requireAddress(Errors.require("Client: the server", server));
        Errors.require("Client: the HTTP client", http);
        if (Errors.require("Client: the timeout", timeout).isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException(Errors.notPositive(timeout));
        }
    }

    /** A server, which has 30 s for an answer. */
    public static Client of(URI server) {
        HttpClient http =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        return new Client(server, http, Duration.ofSeconds(30), null);
    }

    /** Another client of HTTP, for instance one that trusts a certificate. */
    public Client http(HttpClient other) {
        return new Client(server, other, timeout, token);
    }

    /** Another time for an answer. */
    public Client timeout(Duration time) {
        return new Client(server, http, time, token);
    }

    /** Shows a token. */
    public Client token(String secret) {
        return new Client(server, http, timeout, secret);
    }

    /**
     * The outputs of a model by name.
     *
     * @param inputs the inputs by name, which all have the same number of samples
     * @throws InferenceException if the server does not answer, with its reason
     * @throws UncheckedIOException if there is no connection, or no answer in time, or the thread is interrupted
     */
    public Map<String, Values> infer(String model, Map<String, Values> inputs) {
        return read(send(request(path(model), inputs)));
    }

    /** The same of a version. */
    public Map<String, Values> infer(String model, String version, Map<String, Values> inputs) {
        return read(send(request(path(model, version), inputs)));
    }

    /** The same later. The future fails with what {@link #infer} throws, or with an {@link IOException}; who cancels it ends the request. */
    public CompletableFuture<Map<String, Values>> submit(String model, Map<String, Values> inputs) {
        CompletableFuture<HttpResponse<byte[]>> answer = ask(request(path(model), inputs));
        return ending(answer, answer.thenApply(Client::read));
    }

    /** Whether the server is ready. */
    public boolean isReady() {
        return send(builder("/v2/health/ready").GET().build()).statusCode() == OK;
    }

    /** Whether the server has a model that is ready. */
    public boolean isReady(String model) {
        return send(builder(path(model) + "/ready").GET().build()).statusCode() == OK;
    }

    private static String path(String model) {
        return "/v2/models/" + encoded(Errors.require("the model", model));
    }

    private static String path(String model, String version) {
        return path(model) + "/versions/" + encoded(Errors.require("the version", version));
    }

    private static String encoded(String part) {
        return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private HttpRequest.Builder builder(String path) {
        HttpRequest.Builder builder = HttpRequest.newBuilder(URI.create(base() + path));
        return token == null ? builder : builder.header("Authorization", "Bearer " + token);
    }

    private String base() {
        String address = server.toString();
        return address.endsWith("/") ? address.substring(0, address.length() - 1) : address;
    }

    private HttpRequest request(String path, Map<String, Values> inputs) {
        Map<String, Values> ordered = new LinkedHashMap<>(Errors.require("infer: the inputs", inputs));
        if (ordered.isEmpty()) {
            throw new IllegalArgumentException(Errors.noInputs());
        }
        byte[] json = Message.json(ordered);
        return builder(path + "/infer")
                .header(JSON_LENGTH, Integer.toString(json.length))
                .header("Content-Type", "application/octet-stream")
                .POST(HttpRequest.BodyPublishers.ofByteArray(Message.body(json, ordered)))
                .build();
    }

    private HttpResponse<byte[]> send(HttpRequest request) {
        CompletableFuture<HttpResponse<byte[]>> answer = ask(request);
        try {
            return answer.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io ? new UncheckedIOException(io) : new CompletionException(e);
        } catch (InterruptedException e) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new InterruptedIOException(Errors.interrupted()));
        }
    }

    /** Ends an answer that takes too long, also one that has begun, which the JDK's own timeout leaves out. */
    private CompletableFuture<HttpResponse<byte[]>> ask(HttpRequest request) {
        CompletableFuture<HttpResponse<byte[]>> sent = http.sendAsync(request, HttpResponse.BodyHandlers.ofByteArray());
        CompletableFuture<HttpResponse<byte[]>> timed = sent.copy().orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS);
        return ending(sent, timed.handle((response, failure) -> {
            if (failure instanceof TimeoutException) {
                throw new CompletionException(new HttpTimeoutException(Errors.late(timeout)));
            }
            if (failure != null) {
                throw new CompletionException(failure instanceof CompletionException ? failure.getCause() : failure);
            }
            return response;
        }));
    }

    /** What is wanted of some work, which is given up when nobody wants it any more. */
    @SuppressWarnings("FutureReturnValueIgnored") // of what nobody waits for
    private static <T> CompletableFuture<T> ending(CompletableFuture<?> work, CompletableFuture<T> wanted) {
        wanted.whenComplete((result, failure) -> work.cancel(true)); // which does nothing if it is done
        return wanted;
    }

    private static Map<String, Values> read(HttpResponse<byte[]> response) {
        byte[] body = response.body();
        if (response.statusCode() != OK) {
            throw new InferenceException(response.statusCode(), reason(body));
        }
        long json = response.headers().firstValueAsLong(JSON_LENGTH).orElse(body.length);
        return Message.outputs(body, (int) Math.max(-1, Math.min(json, Integer.MAX_VALUE)));
    }

    private static String reason(byte[] body) {
        String text = new String(body, StandardCharsets.UTF_8);
        try {
            return Json.object(text).get("error") instanceof String error ? error : text;
        } catch (InferenceException e) {
            return text;
        }
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "Client of " + server;
    }
}
