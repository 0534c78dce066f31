package dev.fluxion.serving.http;

import static dev.fluxion.serving.http.Wire.bytes;
import static dev.fluxion.serving.http.Wire.get;
import static dev.fluxion.serving.http.Wire.post;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.serving.protocol.Budget;
import dev.fluxion.serving.protocol.Catalog;
import dev.fluxion.serving.protocol.Rush;
import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is refused before it is asked: requests that are damaged, too long, slow or too many, or from those who may not ask. */
class RefusedRequestsTest extends OneServer {
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
        server = local(models, limits).start();
        for (int i = 0; i < statuses.length; i++) {
            try (Wire wire = Wire.to(server)) {
                Wire.Got got = wire.send(requests.get(i)).read();
                assertThat(got.status()).as(got.text()).isEqualTo(statuses[i]);
                assertThat(got.headers()).containsEntry("connection", "close");
                assertThat(wire.isEnded()).isTrue();
            }
        }
    }

    /** Who takes the last of two would read otherwise. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host: there\r\n",
                RAW + RAW,
                "Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n",
                "Expect: 100-continue\r\nExpect: wonders\r\n",
                "Authorization: Bearer one\r\nAuthorization: Bearer two\r\n",
            })
    void a_header_that_is_told_twice_is_refused(String headers) throws IOException {
        try (Wire wire = wire(Samples.patient())) {
            Wire.Got got = wire.send(post(TWICE, headers, ONE)).read();
            assertThat(got.status()).isEqualTo(400);
            assertThat(got.text()).containsIgnoringCase(headers.split(":")[0] + " must not be there twice");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.1", "1.2"})
    void requests_name_a_host(String version) throws IOException {
        try (Wire wire = wire(Samples.patient())) {
            Wire.Got got =
                    wire.send(bytes("GET /v2 HTTP/" + version + "\r\n\r\n")).read();
            assertThat(got.status()).isEqualTo(400);
            assertThat(got.text()).contains("the header host is missing");
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
        }
    }

    @Test
    void who_comes_when_all_connections_are_taken_is_told_to_come_again() throws Exception {
        try (Wire one = wire(Samples.patient().connections(1))) {
            assertThat(one.send(get("/v2", "")).read().status()).isEqualTo(200);
            try (Wire two = Wire.to(server)) {
                Wire.Got got = two.send(raw(1)).read();
                assertThat(got.status()).isEqualTo(503);
                assertThat(got.headers()).containsEntry("retry-after", "1").containsEntry("connection", "close");
                assertThat(two.isEnded()).isTrue();
            }
            try (Wire health = Wire.to(server)) {
                Wire.Got got = health.send(get("/v2/health/live", "")).read();
                assertThat(got.status()).isEqualTo(200);
                assertThat(got.headers()).containsEntry("connection", "close");
                assertThat(health.isEnded()).isTrue();
            }
            try (Wire silent = Wire.to(server)) {
                assertThat(silent.isEnded()).isTrue();
            }
            assertThat(one.send(raw(1)).read().floats()[0]).isEqualTo(2);
        }
    }

    @Test
    void who_is_told_that_there_are_too_many_takes_nobodys_place() throws Exception {
        Wire one = wire(Samples.patient().connections(1));
        assertThat(one.send(get("/v2", "")).read().status()).isEqualTo(200);
        try (Wire silent = Wire.to(server);
                Wire other = Wire.to(server);
                Wire third = Wire.to(server)) {
            assertThat(third.send(get("/v2", "")).read().status())
                    .as("the two before it have come in, too")
                    .isEqualTo(503);
            one.close();
            int status = 0;
            for (int i = 0; i < 40 && status != 200; i++) {
                try (Wire next = Wire.to(server)) {
                    status = next.send(get("/v2", "")).read().status();
                }
                Thread.sleep(5);
            }
            assertThat(status).as(silent + " and " + other + " wait").isEqualTo(200);
        }
    }

    @Test
    void who_cannot_even_be_told_is_disconnected() throws Exception {
        List<Wire> all = new ArrayList<>();
        try (Wire one = wire(Samples.patient().connections(1))) {
            assertThat(one.send(get("/v2", "")).read().status()).isEqualTo(200);
            for (int i = 0; i < 4 * HttpLimits.SURPLUS; i++) {
                all.add(Wire.to(server));
            }
            String metrics = one.send(get("/metrics", "")).read().text();
            assertThat(Integer.parseInt(metrics.replaceAll("(?s).*fluxion_http_connections (\\d+).*", "$1")))
                    .isLessThanOrEqualTo(1 + HttpLimits.SURPLUS);
            for (Wire wire : all) {
                assertThat(wire.isEnded()).isTrue();
            }
        } finally {
            for (Wire wire : all) {
                wire.close();
            }
        }
    }

    /** Bodies of those who may ask nothing would fill the memory that bodies may take. */
    @Test
    void without_the_token_no_body_is_read() throws IOException {
        server = local(models, Samples.patient()).token("secret").start();
        String head = "POST " + TWICE + " HTTP/1.1\r\nHost: here\r\n" + RAW;
        for (String body : List.of("Content-Length: 32\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n")) {
            try (Wire wire = Wire.to(server)) {
                assertThat(wire.send(bytes(head + body)).read().status()).isEqualTo(401);
                assertThat(wire.isEnded()).isTrue();
            }
        }
        try (Wire wire = Wire.to(server)) {
            assertThat(wire.send(post("/v2/health/live", "", ONE)).read().status())
                    .isEqualTo(405);
            assertThat(wire.send(post(TWICE, RAW + "Authorization: Bearer secret\r\n", ONE))
                            .read()
                            .floats())
                    .containsExactly(TWO);
        }
    }

    @Test
    void answers_that_nobody_fetches_keep_further_requests_from_being_read() throws IOException {
        String page = "x".repeat(1 << 20);
        server = local(models, Samples.patient().pipeline(4)).page("/", page).start();
        int requests = 40;
        try (Wire wire = Wire.to(server);
                Wire other = Wire.to(server)) {
            for (int i = 0; i < requests; i++) {
                wire.send(get("/", ""));
            }
            for (int i = 0; i < requests; i++) {
                other.send(get("/v2/health/live", "")).read(); // the event loop comes round
            }
            String metrics = other.send(get("/metrics", "")).read().text();
            int answered = Integer.parseInt(metrics.replaceAll("(?s).*status=\"200\"\\} (\\d+).*", "$1")) - requests;
            assertThat(answered).as("what sockets hold and 4 more").isLessThan(requests / 2);
            for (int i = 0; i < requests; i++) {
                assertThat(wire.read().body()).hasSize(page.length());
            }
        }
    }

    /** The client would wait for ever. */
    @Test
    void who_cannot_be_answered_is_disconnected() {
        Metrics metrics = new Metrics(models);
        EmbeddedChannel channel = new EmbeddedChannel();
        try (Catalog catalog = new Catalog(models, null)) {
            Endpoints endpoints = new Endpoints(Server.of(models), () -> true, metrics, catalog);
            channel.config().setAllocator(new NoMemory());
            channel.pipeline()
                    .addLast(new Connection(
                            endpoints,
                            Samples.patient(),
                            new Budget(1000),
                            metrics,
                            () -> false,
                            new Rush(channel.eventLoop()),
                            false));
            DefaultFullHttpRequest request =
                    new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/v2/health/live");
            request.headers().set(HttpHeaderNames.HOST, "here");
            channel.writeInbound(request);
            assertThat(channel.isOpen()).isFalse();
        } finally {
            channel.finishAndReleaseAll();
        }
    }

    private static final class NoMemory extends AbstractByteBufAllocator {
        @Override
        protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
            throw new OutOfMemoryError("none");
        }

        @Override
        protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
            throw new OutOfMemoryError("none");
        }

        @Override
        public boolean isDirectBufferPooled() {
            return false;
        }
    }
}
