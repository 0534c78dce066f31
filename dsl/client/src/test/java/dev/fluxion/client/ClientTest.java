package dev.fluxion.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is sent, and what is made of answers, right ones and others. The server of this project is asked in its own tests. */
class ClientTest {
    private static final Map<String, Values> INPUT = Map.of("in \"x\"", Values.of(new float[] {1, 2.5f}, 1, 2));

    private HttpServer server;
    private Client client;
    private String path = "";
    private String token = "";
    private byte[] sent = new byte[0];

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.start();
        client = Client.of(URI.create("http://127.0.0.1:" + server.getAddress().getPort()));
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void answer(int status, String json, int... rest) {
        byte[] text = json.getBytes(StandardCharsets.UTF_8);
        ByteBuffer all = ByteBuffer.allocate(text.length + 4 * rest.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(text);
        for (int word : rest) {
            all.putInt(word);
        }
        server.createContext("/", exchange -> {
            path = exchange.getRequestURI().getRawPath();
            token = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
            sent = exchange.getRequestBody().readAllBytes();
            if (rest.length > 0) {
                exchange.getResponseHeaders().add("Inference-Header-Content-Length", "" + text.length);
            }
            write(exchange, status, all.array());
        });
    }

    private static void write(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    @Test
    void numbers_go_and_come_in_binary() {
        answer(
                200,
                "{\"outputs\":[{\"name\":\"a\",\"datatype\":\"FP32\",\"shape\":[1,2],\"parameters\":{\"binary_data_size\":8}},"
                        + "{\"name\":\"b\",\"datatype\":\"INT32\",\"shape\":[1],\"parameters\":{\"binary_data_size\":4}}]}",
                Float.floatToRawIntBits(0.5f),
                Float.floatToRawIntBits(-3f),
                77);
        Map<String, Values> outputs = client.token("secret").infer("a b/c", "1", INPUT);
        assertThat(outputs.get("a").floats()).containsExactly(0.5f, -3f);
        assertThat(outputs.get("a").shape()).containsExactly(1, 2);
        assertThat(outputs.get("b").ints()).containsExactly(77);
        assertThat(path).isEqualTo("/v2/models/a%20b%2Fc/versions/1/infer");
        assertThat(token).isEqualTo("Bearer secret");
        String json =
                "{\"parameters\":{\"binary_data_output\":true},\"inputs\":[{\"name\":\"in \\\"x\\\"\",\"datatype\":\"FP32\","
                        + "\"shape\":[1, 2],\"parameters\":{\"binary_data_size\":8}}]}";
        assertThat(new String(sent, StandardCharsets.ISO_8859_1)).startsWith(json);
        assertThat(ByteBuffer.wrap(sent).order(ByteOrder.LITTLE_ENDIAN).getFloat(json.length() + 4))
                .isEqualTo(2.5f);
        assertThatThrownBy(() -> outputs.get("b").floats()).hasMessageContaining("ints()");
        assertThatThrownBy(() -> outputs.get("a").ints()).hasMessageContaining("floats()");
    }

    @Test
    void numbers_may_come_in_json() {
        answer(
                200,
                " {\"id\": null, \"x\":[true,{}], \"s\":\"\\u00e4\\n\",\"outputs\":[{\"name\":\"a\",\"datatype\":\"FP32\","
                        + "\"shape\":[2,1],\"data\":[[1.5],[-2e1]]}]}\n");
        assertThat(client.submit("m", INPUT).join().get("a").floats()).containsExactly(1.5f, -20f);
    }

    @Test
    void errors_are_those_of_the_server() {
        answer(503, "{\"error\":\"the queue is full\"}");
        assertThatThrownBy(() -> client.infer("m", INPUT))
                .isInstanceOfSatisfying(
                        InferenceException.class, e -> assertThat(e.status()).isEqualTo(503))
                .hasMessage("the queue is full");
        assertThat(client.isReady()).isFalse();
        assertThat(client.isReady("m")).isFalse();
        assertThat(path).isEqualTo("/v2/models/m/ready");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[]|no JSON object",
                "nonsense|damaged",
                "{|damaged",
                "{}|no outputs",
                "{\"outputs\":[{}]}|no name",
                "{\"outputs\":[{\"name\":\"a\",\"datatype\":\"BYTES\",\"shape\":[1],\"data\":[]}]}|datatype BYTES",
                "{\"outputs\":[{\"name\":\"a\",\"datatype\":\"FP32\",\"shape\":[1.5],\"data\":[1]}]}|an extent is 1.5",
                "{\"outputs\":[{\"name\":\"a\",\"datatype\":\"FP32\",\"shape\":[2],\"data\":[1]}]}|another number",
                "{\"outputs\":[{\"name\":\"a\",\"datatype\":\"FP32\",\"shape\":[2],\"data\":[1,\"2\"]}]}|no list of numbers",
                "{\"outputs\":[{\"name\":\"a\",\"datatype\":\"FP32\",\"shape\":[2],\"parameters\":{\"binary_data_size\":8}}]}|more bytes",
            })
    void answers_that_are_none_are_told(String answer, String message) {
        answer(200, answer);
        assertThatThrownBy(() -> client.infer("m", INPUT))
                .isInstanceOf(InferenceException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/triton", "/triton/"})
    void a_server_may_be_behind_a_path(String prefix) {
        answer(200, "{\"outputs\":[]}");
        URI gateway = URI.create(client.server() + prefix);
        assertThat(Client.of(gateway).infer("m", INPUT)).isEmpty();
        assertThat(path).isEqualTo("/triton/v2/models/m/infer");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost:8000",
                "grpc://localhost:8001",
                "http:/localhost",
                "//localhost",
                "http://a/?b",
                "http://a#b"
            })
    void what_is_no_address_is_refused(String address) {
        assertThatThrownBy(() -> Client.of(URI.create(address)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("such as http://localhost:8000 but is " + address);
    }

    /** Begins an answer, tells so, and sends no more of it. */
    private CountDownLatch stall() {
        CountDownLatch begun = new CountDownLatch(1);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, 100);
            exchange.getResponseBody().write(1);
            exchange.getResponseBody().flush();
            begun.countDown();
        });
        return begun;
    }

    @Test
    @Timeout(60)
    void an_answer_that_does_not_end_is_late() {
        stall();
        Client hasty = client.timeout(Duration.ofMillis(300));
        assertThatThrownBy(() -> hasty.infer("m", INPUT))
                .isInstanceOf(UncheckedIOException.class)
                .hasCauseInstanceOf(HttpTimeoutException.class)
                .hasMessageContaining("within 300 ms");
        assertThatThrownBy(() -> hasty.submit("m", INPUT).join()).hasCauseInstanceOf(HttpTimeoutException.class);
    }

    @Test
    @Timeout(60)
    void who_is_interrupted_waits_no_more() throws InterruptedException {
        CountDownLatch begun = stall();
        List<Throwable> thrown = new ArrayList<>();
        Thread waits = new Thread(() -> {
            try {
                client.infer("m", INPUT);
            } catch (UncheckedIOException e) {
                thrown.add(e.getCause());
            }
        });
        waits.start();
        begun.await();
        waits.interrupt();
        waits.join();
        assertThat(thrown).hasOnlyElementsOfType(InterruptedIOException.class).hasSize(1);
    }

    @Test
    void what_is_wrong_is_refused_at_once() {
        assertThatThrownBy(() -> Values.of(new float[3], 1, 2)).hasMessageContaining("[1, 2]");
        assertThatThrownBy(() -> Values.of(new int[0], -1)).hasMessageContaining("not be negative");
        assertThatThrownBy(() -> Values.of(new int[0], 65536, 65536)).hasMessageContaining("another number");
        assertThatThrownBy(() -> client.infer("m", Map.of())).hasMessageContaining("must be an input");
        assertThatThrownBy(() -> client.timeout(Duration.ZERO)).hasMessageContaining("above 0");
        assertThat(client.token("secret").toString()).doesNotContain("secret");
        server.stop(0);
        assertThatThrownBy(() -> client.infer("m", INPUT)).isInstanceOf(UncheckedIOException.class);
    }
}
