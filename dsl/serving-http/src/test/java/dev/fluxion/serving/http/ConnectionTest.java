package dev.fluxion.serving.http;

import static dev.fluxion.serving.http.Wire.bytes;
import static dev.fluxion.serving.http.Wire.floats;
import static dev.fluxion.serving.http.Wire.get;
import static dev.fluxion.serving.http.Wire.join;
import static dev.fluxion.serving.http.Wire.post;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.serving.Batching;
import dev.fluxion.serving.Limits;
import dev.fluxion.serving.Models;
import dev.fluxion.serving.ServingListener;
import dev.fluxion.serving.Source;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** HTTP itself: connections, encodings, limits, times, closing. */
class ConnectionTest {
    private static final String TWICE = "/v2/models/twice/infer";
    private static final String RAW = "Inference-Header-Content-Length: 0\r\n";
    private static final byte[] ONE = floats(1, 1, 1, 1, 1, 1, 1, 1);
    private static final float[] TWO = {2, 2, 2, 2, 2, 2, 2, 2};

    private static Models models;
    private RunningServer server;

    @BeforeAll
    static void load() {
        models = Samples.models();
    }

    @AfterAll
    static void unload() {
        models.close();
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.close();
            assertThat(server.bytes()).isZero();
        }
    }

    private Wire wire(HttpLimits limits) throws IOException {
        server = Server.of(models).host("127.0.0.1").port(0).limits(limits).start();
        return Wire.to(server);
    }

    private static byte[] raw(float value) {
        return post(TWICE, RAW, floats(value, 0, 0, 0, 0, 0, 0, 0));
    }

    @Test
    void answers_come_in_the_order_of_the_requests() throws IOException {
        try (Wire wire = wire(Samples.patient().pipeline(3))) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (int i = 0; i < 20; i++) {
                all.writeBytes(i % 3 == 0 ? get("/v2/health/live", "") : i % 7 == 0 ? get("/none", "") : raw(i));
            }
            wire.send(all.toByteArray());
            for (int i = 0; i < 20; i++) {
                Wire.Got got = wire.read();
                if (i % 3 == 0) {
                    assertThat(got.text()).isEqualTo("{\"live\":true}");
                } else if (i % 7 == 0) {
                    assertThat(got.status()).isEqualTo(404);
                } else {
                    assertThat(got.floats()[0]).isEqualTo(2f * i);
                }
            }
        }
    }

    private static byte[] binary(byte[] numbers) {
        byte[] json = bytes("{\"inputs\":[{\"name\":\"input\",\"datatype\":\"FP32\",\"shape\":[1,8],"
                + "\"parameters\":{\"binary_data_size\":32}}],\"parameters\":{\"binary_data_output\":true}}");
        return post(TWICE, "Inference-Header-Content-Length: " + json.length + "\r\n", join(json, numbers));
    }

    @Test
    void requests_with_the_json_of_the_one_before_have_numbers_errors_and_versions_of_their_own() throws IOException {
        try (Wire wire = wire(Samples.patient())) {
            for (int together : new int[] {1, 1, 16, 1, 40}) {
                ByteArrayOutputStream all = new ByteArrayOutputStream();
                for (int i = 0; i < together; i++) {
                    all.writeBytes(binary(floats(i, 1, 2, 3, 4, 5, 6, 7)));
                }
                wire.send(all.toByteArray());
                for (int i = 0; i < together; i++) {
                    assertThat(wire.read().floats()).containsExactly(2 * i, 2, 4, 6, 8, 10, 12, 14);
                }
            }
            assertThat(wire.send(binary(floats(1, 2))).read().text()).contains("8 bytes");
            assertThat(wire.send(binary(floats(0, 0, 0, 0, 0, 0, 0, Float.NaN)))
                            .read()
                            .status())
                    .isEqualTo(400);
            assertThat(wire.send(binary(ONE)).read().floats()).containsExactly(TWO);
            models.replace("twice", "2", Samples.source(Samples.twice()));
            Wire.Got swapped = wire.send(binary(ONE)).read();
            assertThat(swapped.text()).contains("\"model_version\":\"2\"");
            assertThat(swapped.floats()).containsExactly(TWO);
        }
    }

    @Test
    void bodies_come_in_chunks_and_in_drops() throws IOException, InterruptedException {
        try (Wire wire = wire(Samples.patient())) {
            String head = "POST " + TWICE + " HTTP/1.1\r\nHost: here\r\n" + RAW + "Transfer-Encoding: chunked\r\n\r\n";
            wire.send(bytes(head + "20\r\n"), ONE, bytes("\r\n0\r\n\r\n"));
            assertThat(wire.read().floats()).containsExactly(TWO);
            wire.send(bytes(head));
            for (byte b : ONE) {
                wire.send(bytes("1\r\n"), new byte[] {b}, bytes("\r\n"));
            }
            assertThat(wire.send(bytes("0\r\n\r\n")).read().floats()).containsExactly(TWO);
            wire.send(bytes(head + "20\r\n"), ONE, bytes("\r\n0\r\nChecksum: 1\r\nChecksum: 2\r\n\r\n"));
            assertThat(wire.read().floats()).containsExactly(TWO);
            for (byte b : post(TWICE, RAW, ONE)) {
                wire.send(new byte[] {b});
            }
            assertThat(wire.read().floats()).containsExactly(TWO);
            assertThat(wire.send(bytes(head + "zz\r\n")).read().status()).isEqualTo(400);
            assertThat(wire.isEnded()).isTrue();
        }
    }

    @Test
    void folded_bodies_are_unfolded_and_answers_folded() throws IOException {
        try (Wire wire = wire(Samples.patient().body(100_000))) {
            assertThat(wire.send(post(TWICE, RAW + "Content-Encoding: gzip\r\n", gzip(ONE)))
                            .read()
                            .floats())
                    .containsExactly(TWO);
            ByteArrayOutputStream deflated = new ByteArrayOutputStream();
            try (DeflaterOutputStream out = new DeflaterOutputStream(deflated)) {
                out.write(ONE);
            }
            assertThat(wire.send(post(TWICE, RAW + "Content-Encoding: deflate\r\n", deflated.toByteArray()))
                            .read()
                            .floats())
                    .containsExactly(TWO);
            Wire.Got folded = wire.send(post(TWICE, RAW + "Accept-Encoding: br, gzip\r\n", new byte[1600]))
                    .read();
            assertThat(folded.headers()).containsEntry("content-encoding", "gzip");
            byte[] all = new GZIPInputStream(new ByteArrayInputStream(folded.body())).readAllBytes();
            assertThat(new Wire.Got(200, folded.headers(), all).floats()).hasSize(400);
            assertThat(wire.send(post(TWICE, RAW + "Accept-Encoding: gzip;q=0\r\n", new byte[1600]))
                            .read()
                            .headers())
                    .doesNotContainKey("content-encoding");
            Wire.Got bomb = wire.send(post(TWICE, RAW + "Content-Encoding: gzip\r\n", gzip(new byte[100_001])))
                    .read();
            assertThat(bomb.status()).isEqualTo(413);
            byte[] cut = gzip(ONE);
            assertThat(wire.send(post(TWICE, RAW + "Content-Encoding: gzip\r\n", Arrays.copyOf(cut, cut.length - 9)))
                            .read()
                            .status())
                    .isEqualTo(400);
            byte[] other = gzip(ONE);
            other[other.length - 5]++; // its sum
            assertThat(wire.send(post(TWICE, RAW + "Content-Encoding: gzip\r\n", other))
                            .read()
                            .status())
                    .isEqualTo(400);
            assertThat(wire.send(post(TWICE, RAW + "Content-Encoding: gzip\r\n", join(gzip(ONE), ONE)))
                            .read()
                            .status())
                    .isEqualTo(400);
            byte[] named = gzip(ONE);
            named[3] = 8 + 4; // a name and two bytes more
            byte[] fields = {2, 0, 'x', 'y', 'n', 0};
            byte[] more = join(Arrays.copyOf(named, 10), fields, Arrays.copyOfRange(named, 10, named.length));
            assertThat(wire.send(post(TWICE, RAW + "Content-Encoding: gzip\r\n", more))
                            .read()
                            .floats())
                    .containsExactly(TWO);
            assertThat(wire.send(raw(3)).read().floats()[0]).isEqualTo(6);
        }
    }

    private static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream folded = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(folded)) {
            out.write(content);
        }
        return folded.toByteArray();
    }

    @Test
    void what_is_too_long_is_refused_before_it_is_read() throws IOException {
        HttpLimits limits = Samples.patient().body(1000).header(512);
        List<byte[]> requests = List.of(
                bytes("POST " + TWICE + " HTTP/1.1\r\nHost: here\r\nContent-Length: 1001\r\n\r\n"),
                bytes("POST " + TWICE + " HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n"
                        + "x".repeat(1001)),
                bytes("GET /" + "x".repeat(600) + " HTTP/1.1\r\nHost: here\r\n\r\n"),
                bytes("GET /v2 HTTP/1.1\r\nHost: here\r\nX: " + "x".repeat(600) + "\r\n\r\n"),
                bytes("GET /v2 HTTP/3.0\r\n\r\n"),
                bytes("nonsense\r\n\r\n"),
                bytes("GET /v2 HTTP/1.1\r\nHost: here\r\nExpect: wonders\r\n\r\n"),
                bytes("POST " + TWICE + " HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
                bytes("POST " + TWICE
                        + " HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"),
                bytes("POST " + TWICE + " HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n1;"
                        + "x".repeat(600)),
                bytes("POST " + TWICE + " HTTP/1.1\r\nHost: here\r\nContent-Length: x\r\n\r\n"));
        int[] statuses = {413, 413, 414, 431, 505, 400, 417, 501, 501, 400, 400};
        server = Server.of(models).host("127.0.0.1").port(0).limits(limits).start();
        for (int i = 0; i < statuses.length; i++) {
            try (Wire wire = Wire.to(server)) {
                Wire.Got got = wire.send(requests.get(i)).read();
                assertThat(got.status()).as(got.text()).isEqualTo(statuses[i]);
                assertThat(got.headers()).containsEntry("connection", "close");
                assertThat(wire.isEnded()).isTrue();
            }
        }
    }

    /** Who takes the last of two lengths would cut the body elsewhere. */
    @Test
    void a_length_that_is_told_twice_is_refused() throws IOException {
        try (Wire wire = wire(Samples.patient())) {
            String twice = "POST " + TWICE + " HTTP/1.1\r\nHost: here\r\n" + RAW + RAW.replace("0", "32")
                    + "Content-Length: 32\r\n\r\n";
            Wire.Got got = wire.send(bytes(twice), new byte[32]).read();
            assertThat(got.status()).isEqualTo(400);
            assertThat(got.text()).contains("Inference-Header-Content-Length must not be there twice");
        }
    }

    @Test
    void requests_name_one_host() throws IOException {
        for (String hosts : List.of("", "Host: here\r\nHost: there\r\n")) {
            try (Wire wire = wire(Samples.patient())) {
                Wire.Got got = wire.send(bytes("GET /v2 HTTP/1.1\r\n" + hosts + "\r\n"))
                        .read();
                assertThat(got.status()).isEqualTo(400);
                assertThat(got.text()).contains("the header host");
                assertThat(wire.isEnded()).isTrue();
            }
        }
    }

    @Test
    void who_expects_to_go_on_is_told_to() throws IOException {
        try (Wire wire = wire(Samples.patient())) {
            String head = "POST " + TWICE + " HTTP/1.1\r\nHost: here\r\n" + RAW
                    + "Content-Length: 32\r\nExpect: 100-continue\r\n\r\n";
            assertThat(wire.send(bytes(head)).read(false).status()).isEqualTo(100);
            assertThat(wire.send(ONE).read().floats()).containsExactly(TWO);
        }
    }

    @Test
    void head_has_no_body_and_old_clients_are_closed() throws IOException {
        try (Wire wire = wire(Samples.patient())) {
            Wire.Got got = wire.send(bytes("HEAD /v2/health/live HTTP/1.1\r\nHost: here\r\n\r\n"))
                    .read(false);
            assertThat(got.headers()).containsEntry("content-length", "13");
            assertThat(wire.send(get("/v2/health/live", "")).read().text()).isEqualTo("{\"live\":true}");
            assertThat(wire.send(bytes("GET /v2/health/live HTTP/1.0\r\n\r\n"))
                            .read()
                            .status())
                    .isEqualTo(200);
            assertThat(wire.isEnded()).isTrue();
        }
    }

    @Test
    void who_is_slow_or_silent_is_closed() throws IOException {
        HttpLimits limits = Samples.patient().request(Duration.ofMillis(100)).idle(Duration.ofMillis(150));
        try (Wire slow = wire(limits);
                Wire silent = Wire.to(server);
                Wire half = Wire.to(server)) {
            slow.send(
                    bytes("POST " + TWICE + " HTTP/1.1\r\nHost: here\r\n" + RAW + "Content-Length: 32\r\n\r\n"),
                    new byte[31]);
            half.send(bytes("GET /v2 HTT"));
            assertThat(slow.read().status()).isEqualTo(408);
            assertThat(slow.isEnded()).isTrue();
            assertThat(silent.isEnded()).isTrue();
            assertThat(half.isEnded()).isTrue();
        }
    }

    @Test
    void connections_and_bodies_are_bounded() throws Exception {
        HttpLimits limits = Samples.patient().connections(2).body(100).bodies(100);
        try (Wire one = wire(limits);
                Wire two = Wire.to(server)) {
            one.send(
                    bytes("POST " + TWICE + " HTTP/1.1\r\nHost: here\r\n" + RAW + "Content-Length: 100\r\n\r\n"),
                    new byte[90]);
            assertThat(two.send(get("/v2", "")).read().status()).isEqualTo(200);
            Hold.until(() -> server.bytes() >= 90);
            Wire.Got got = two.send(raw(1)).read();
            assertThat(got.status()).isEqualTo(503);
            assertThat(got.headers()).containsEntry("retry-after", "1");
            try (Wire three = Wire.to(server)) {
                assertThat(three.isEnded()).isTrue();
            }
        }
    }

    @Test
    void a_full_queue_refuses_and_closing_answers_what_has_come() throws Exception {
        Hold hold = new Hold();
        try (Models slow = Models.of(Limits.none())) {
            Batching batching = Samples.batching(hold).queue(1);
            slow.load("twice", "1", Source.of(Samples::twice).batching(batching));
            server = Server.of(slow)
                    .host("127.0.0.1")
                    .port(0)
                    .limits(Samples.patient())
                    .start();
            hold.shut();
            try (Wire first = Wire.to(server);
                    Wire second = Wire.to(server);
                    Wire third = Wire.to(server);
                    Wire gone = Wire.to(server)) {
                first.send(raw(1));
                hold.awaitHeld();
                second.send(raw(2));
                Hold.until(() -> slow.statistics("twice", "1").waiting() == 1);
                Wire.Got refused = third.send(raw(3)).read();
                assertThat(refused.status()).isEqualTo(503);
                assertThat(refused.headers()).containsEntry("retry-after", "1");
                assertThat(refused.text()).contains("the queue is full");
                Thread closing = new Thread(server::close);
                closing.start();
                Hold.until(() -> server.status().draining());
                assertThat(server.status().ready()).isFalse();
                hold.open();
                assertThat(first.read().floats()[0]).isEqualTo(2);
                assertThat(second.read().floats()[0]).isEqualTo(4);
                closing.join();
                assertThat(first.isEnded()).isTrue();
                assertThat(gone.isEnded()).isTrue();
                assertThatThrownBy(() -> Wire.to(server)).isInstanceOf(IOException.class);
            }
        } finally {
            hold.open();
        }
    }

    /** A client that stays connected does not know that the server is closing, and may have sent. */
    @Test
    void a_request_that_is_on_its_way_when_the_server_closes_is_answered() throws Exception {
        boolean answered = false;
        // A thread that is stopped for long may send too late.
        for (int round = 0; round < 5 && !answered; round++) {
            answered = isAnsweredWhileClosing();
        }
        assertThat(answered).isTrue();
    }

    private boolean isAnsweredWhileClosing() throws Exception {
        try (Wire wire = wire(Samples.patient())) {
            wire.send(raw(1)).read();
            Thread closing = new Thread(server::close);
            closing.start();
            Hold.until(() -> server.status().draining());
            Thread.sleep(20); // the connection hears of it
            Wire.Got got = wire.send(raw(2)).read();
            closing.join();
            return got.floats()[0] == 4
                    && got.headers().getOrDefault("connection", "").equals("close");
        } catch (IOException e) {
            return false;
        }
    }

    /** Who is told to close connects anew at once, and would be reset if the server still listened. */
    @Test
    void clients_are_told_to_close_when_the_server_does_not_listen_any_more() throws Exception {
        CountDownLatch reached = new CountDownLatch(1);
        CountDownLatch open = new CountDownLatch(1);
        ServingListener holdsTheEventLoop = new ServingListener() {
            @Override
            public void asked() {
                reached.countDown();
                try {
                    open.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
        };
        try (Models held = Models.of(Limits.none())) {
            held.load("twice", "1", Source.of(Samples::twice).batching(Samples.batching(holdsTheEventLoop)));
            server = Server.of(held)
                    .host("127.0.0.1")
                    .port(0)
                    .limits(Samples.patient())
                    .start();
            try (Wire wire = Wire.to(server)) {
                byte[] bad =
                        bytes("{\"inputs\":[{\"name\":\"input\",\"datatype\":\"FP32\",\"shape\":[1,1],\"data\":[1]}]}");
                wire.send(post(TWICE, "", bad));
                reached.await();
                Thread closing = new Thread(server::close);
                closing.start();
                Hold.until(() -> server.status().draining());
                open.countDown();
                Wire.Got got = wire.read();
                assertThat(got.status()).isEqualTo(400);
                assertThat(got.headers()).doesNotContainKey("connection");
                closing.join();
                assertThat(wire.isEnded()).isTrue();
            }
        }
    }

    @Test
    void requests_of_clients_who_are_gone_are_not_computed() throws Exception {
        Hold hold = new Hold();
        try (Models slow = Models.of(Limits.none())) {
            slow.load("twice", "1", Source.of(Samples::twice).batching(Samples.batching(hold)));
            server = Server.of(slow)
                    .host("127.0.0.1")
                    .port(0)
                    .limits(Samples.patient())
                    .start();
            hold.shut();
            List<Wire> gone = new ArrayList<>();
            try (Wire first = Wire.to(server)) {
                first.send(raw(1));
                hold.awaitHeld();
                for (int i = 0; i < 3; i++) {
                    gone.add(Wire.to(server).send(raw(i)));
                }
                Hold.until(() -> slow.statistics("twice", "1").waiting() == 3);
                for (Wire wire : gone) {
                    wire.close();
                }
                Hold.until(() -> server.bytes() <= 32);
                hold.open();
                assertThat(first.read().floats()[0]).isEqualTo(2);
                Hold.until(() -> slow.statistics("twice", "1").waiting() == 0);
            }
            assertThat(slow.statistics("twice", "1").answered()).isEqualTo(1);
        } finally {
            hold.open();
        }
    }

    @Test
    void half_a_request_has_no_answer() throws IOException {
        try (Wire wire = wire(Samples.patient())) {
            wire.send(bytes("POST " + TWICE + " HTTP/1.1\r\nHost: here\r\nContent-Length: 32\r\n\r\nabc"))
                    .endOutput();
            assertThatThrownBy(wire::read).isInstanceOf(EOFException.class);
        }
    }

    @Test
    void a_port_that_is_taken_is_refused() throws IOException {
        wire(Samples.patient()).close();
        assertThatThrownBy(() ->
                        Server.of(models).host("127.0.0.1").port(server.port()).start())
                .isInstanceOf(IOException.class)
                .hasMessage("cannot listen at 127.0.0.1:" + server.port());
    }

    @Test
    void two_requests_in_one_piece_are_two() throws IOException {
        try (Wire wire = wire(Samples.patient())) {
            wire.send(join(raw(1), raw(2)));
            assertThat(wire.read().floats()[0]).isEqualTo(2);
            assertThat(wire.read().floats()[0]).isEqualTo(4);
        }
    }
}
