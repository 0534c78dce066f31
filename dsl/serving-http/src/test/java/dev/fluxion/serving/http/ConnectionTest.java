package dev.fluxion.serving.http;

import static dev.fluxion.serving.http.Wire.bytes;
import static dev.fluxion.serving.http.Wire.floats;
import static dev.fluxion.serving.http.Wire.get;
import static dev.fluxion.serving.http.Wire.join;
import static dev.fluxion.serving.http.Wire.post;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** HTTP itself: the order of requests, the pieces they come in, their versions. */
class ConnectionTest extends OneServer {
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

    @Test
    void two_requests_in_one_piece_are_two() throws IOException {
        try (Wire wire = wire(Samples.patient())) {
            wire.send(join(raw(1), raw(2)));
            assertThat(wire.read().floats()[0]).isEqualTo(2);
            assertThat(wire.read().floats()[0]).isEqualTo(4);
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
    void bodies_come_in_chunks_and_in_drops() throws IOException {
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
    void who_expects_to_go_on_is_told_to() throws IOException {
        String head = "POST " + TWICE + " HTTP/1.1\r\nHost: here\r\n" + RAW
                + "Content-Length: 32\r\nExpect: 100-continue\r\n\r\n";
        try (Wire wire = wire(Samples.patient())) {
            assertThat(wire.send(bytes(head)).read(false).status()).isEqualTo(100);
            assertThat(wire.send(ONE).read().floats()).containsExactly(TWO);
            wire.send(raw(3), bytes(head));
            assertThat(wire.read().floats()[0]).isEqualTo(6);
            assertThat(wire.read(false).status()).isEqualTo(100);
            assertThat(wire.send(ONE).read().floats()).containsExactly(TWO);
            byte[] without = get("/v2/health/live", "Expect: 100-continue\r\n");
            assertThat(wire.send(without).read().status()).isEqualTo(200);
        }
    }

    /** Old clients would take it for the answer. */
    @Test
    void old_clients_are_not_told_to_go_on() throws IOException {
        String head = "POST " + TWICE + " HTTP/1.0\r\n" + RAW + "Content-Length: 32\r\nExpect: 100-continue\r\n\r\n";
        try (Wire wire = wire(Samples.patient())) {
            assertThat(wire.send(bytes(head), ONE).read().floats()).containsExactly(TWO);
            assertThat(wire.isEnded()).isTrue();
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
}
