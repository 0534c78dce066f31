package dev.fluxion.serving.http;

import static dev.fluxion.serving.http.Wire.bytes;
import static dev.fluxion.serving.http.Wire.floats;
import static dev.fluxion.serving.http.Wire.get;
import static dev.fluxion.serving.http.Wire.join;
import static dev.fluxion.serving.http.Wire.post;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.serving.Models;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/**
 * Random damage to requests, from a seed: each gets an error or an answer, the next request is answered right, and nothing is left.
 * {@code -Dfluxion.hostile=2000000} sends more than by default.
 */
class FuzzTest {
    private static final int COUNT = Integer.getInteger("fluxion.hostile", 200);
    private static final String INFER = "/v2/models/twice/infer";
    private static final String JSON_LENGTH = "Inference-Header-Content-Length: ";
    private static final String JSON = "{\"id\":\"a\",\"parameters\":{\"binary_data_output\":true,\"timeout\":1000000},"
            + "\"inputs\":[{\"name\":\"input\",\"shape\":[1,8],\"datatype\":\"FP32\",\"data\":[[0,1,2,3,4.5,5e0,-6,7]]}],"
            + "\"outputs\":[{\"name\":\"output\",\"parameters\":{\"binary_data\":false}}]}";
    private static final String BINARY = "{\"inputs\":[{\"name\":\"input\",\"shape\":[1,8],\"datatype\":\"FP32\","
            + "\"parameters\":{\"binary_data_size\":32}}],\"outputs\":[{\"name\":\"output\",\"parameters\":{\"binary_data\":true}}]}";
    private static final String IDS =
            "{\"inputs\":[{\"name\":\"ids\",\"shape\":[1,4],\"datatype\":\"INT32\",\"data\":[1,2,3,4]},"
                    + "{\"name\":\"mask\",\"shape\":[1,4],\"datatype\":\"FP64\",\"data\":[0,0.5,1,-Infinity]}]}";
    private static final byte[] NUMBERS = floats(0, 1, 2, 3, 4, 5, 6, 7);
    private static final List<String> HEADERS = List.of(
            "Accept-Encoding: gzip;q=0.5, deflate;q=0, *",
            "Accept: text/plain;q=0.9, */*",
            "Authorization: Bearer secret",
            "Connection: keep-alive, close",
            "Content-Encoding: gzip, identity",
            "Expect: 100-continue");
    private static final List<String> PIECES = List.of(
            "0",
            "-1",
            "2147483648",
            "4294967297",
            "9223372036854775808",
            "1e999",
            "NaN",
            "null",
            "true",
            "[",
            "]",
            "{",
            "}",
            "\"",
            ",",
            ":",
            "[[[[",
            "\"data\"",
            "\"shape\"",
            "\"FP16\"",
            "\"BYTES\"",
            "\"INT64\"",
            "\"BOOL\"",
            "\\u0000",
            "\r\n",
            "\u00e4");

    private final Random random = new Random(18);

    @Test
    void hostile_requests_get_errors_and_the_next_is_answered() throws IOException {
        HttpLimits limits = Samples.patient().body(100_000);
        try (Models models = Samples.models();
                RunningServer server = Server.of(models)
                        .host("127.0.0.1")
                        .port(0)
                        .limits(limits)
                        .start()) {
            Wire wire = Wire.to(server);
            for (int i = 0; i < COUNT; i++) {
                byte[] hostile = request();
                boolean framed = random.nextInt(5) > 0;
                boolean stays = framed && check(wire.send(hostile).read(), hostile);
                if (!framed) {
                    unframed(server, damaged(hostile));
                }
                if (!stays) {
                    wire.close();
                    wire = Wire.to(server);
                }
                Wire.Got got =
                        wire.send(post(INFER, JSON_LENGTH + "0\r\n", NUMBERS)).read();
                assertThat(got.floats())
                        .as("after " + new String(hostile, StandardCharsets.ISO_8859_1))
                        .containsExactly(0, 2, 4, 6, 8, 10, 12, 14);
            }
            wire.close();
            assertThat(server.bytes()).isZero();
        }
    }

    /** Checks an answer, and tells whether the connection stays open. */
    private static boolean check(Wire.Got got, byte[] request) {
        boolean right = got.status() == 200
                || got.status() >= 400 && got.status() != 500 && got.text().startsWith("{\"error\":")
                || got.status() == 500 && got.text().contains("JSON cannot hold");
        assertThat(right)
                .as(got + " " + got.text() + " for " + new String(request, StandardCharsets.ISO_8859_1))
                .isTrue();
        return !got.headers().getOrDefault("connection", "").equals("close");
    }

    /** Requests whose end is not where it seems: there may be several answers, or none. */
    private static void unframed(RunningServer server, byte[] request) throws IOException {
        try (Wire wire = Wire.to(server)) {
            wire.send(request).endOutput();
            while (true) {
                check(wire.read(), request);
            }
        } catch (EOFException | SocketException e) {
            // No more answers.
        }
    }

    private byte[] request() throws IOException {
        return switch (random.nextInt(8)) {
            case 0 -> post(INFER, "", damaged(bytes(JSON)));
            case 1 -> post(INFER, JSON_LENGTH + length(BINARY.length()) + "\r\n", join(bytes(BINARY), NUMBERS));
            case 2 -> post(INFER, JSON_LENGTH + BINARY.length() + "\r\n", damaged(join(bytes(BINARY), NUMBERS)));
            case 3 -> post(INFER, JSON_LENGTH + "0\r\n", damaged(NUMBERS));
            case 4 -> post(INFER, "Content-Encoding: gzip\r\n", damaged(gzip(bytes(JSON))));
            case 5 -> get("/metrics", header());
            case 6 -> post("/v2/models/ids/infer", "", damaged(bytes(IDS)));
            default -> post(path(), "", damaged(bytes("{\"ready\":true}")));
        };
    }

    private String header() {
        byte[] damaged = damaged(bytes(HEADERS.get(random.nextInt(HEADERS.size()))));
        return new String(damaged, StandardCharsets.ISO_8859_1).replaceAll("[\\r\\n]", ";") + "\r\n";
    }

    private String path() {
        String path = new String(damaged(bytes("/v2/models/twice/versions/1/infer")), StandardCharsets.US_ASCII);
        return path.replaceAll("[^!-~]", "%");
    }

    private long length(int right) {
        return switch (random.nextInt(4)) {
            case 0 -> right + random.nextInt(5) - 2;
            case 1 -> random.nextInt(1000);
            case 2 -> random.nextLong();
            default -> right;
        };
    }

    private static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream folded = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(folded)) {
            out.write(content);
        }
        return folded.toByteArray();
    }

    /** Bytes that are changed, left out, doubled, or replaced by others that are chosen well. */
    private byte[] damaged(byte[] whole) {
        byte[] bytes = whole;
        for (int i = random.nextInt(4); i >= 0; i--) {
            int from = random.nextInt(bytes.length + 1);
            int to = Math.min(bytes.length, from + random.nextInt(8));
            byte[] middle =
                    switch (random.nextInt(4)) {
                        case 0 -> new byte[0];
                        case 1 -> join(slice(bytes, from, to), slice(bytes, from, to));
                        case 2 -> bytes(PIECES.get(random.nextInt(PIECES.size())));
                        default -> new byte[] {(byte) random.nextInt()};
                    };
            bytes = join(slice(bytes, 0, from), middle, slice(bytes, to, bytes.length));
        }
        return bytes;
    }

    private static byte[] slice(byte[] bytes, int from, int to) {
        return Arrays.copyOfRange(bytes, from, to);
    }
}
