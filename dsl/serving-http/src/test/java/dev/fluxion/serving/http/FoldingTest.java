package dev.fluxion.serving.http;

import static dev.fluxion.serving.http.Wire.join;
import static dev.fluxion.serving.http.Wire.post;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bodies and answers in gzip and deflate. */
class FoldingTest extends OneServer {
    private static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream folded = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(folded)) {
            out.write(content);
        }
        return folded.toByteArray();
    }

    private static Wire.Got ask(Wire wire, String encoding, byte[]... folded) throws IOException {
        return wire.send(post(TWICE, RAW + "Content-Encoding: " + encoding + "\r\n", join(folded)))
                .read();
    }

    @Test
    void folded_bodies_are_unfolded() throws IOException {
        ByteArrayOutputStream deflated = new ByteArrayOutputStream();
        try (DeflaterOutputStream out = new DeflaterOutputStream(deflated)) {
            out.write(ONE);
        }
        byte[] named = gzip(ONE);
        named[3] = 8 + 4; // a name and two bytes more
        byte[] fields = {2, 0, 'x', 'y', 'n', 0};
        byte[] more = join(Arrays.copyOf(named, 10), fields, Arrays.copyOfRange(named, 10, named.length));
        byte[] none = gzip(new byte[0]);
        byte[] members = join(gzip(Arrays.copyOf(ONE, 5)), none, gzip(Arrays.copyOfRange(ONE, 5, ONE.length)), none);
        try (Wire wire = wire(Samples.patient())) {
            assertThat(ask(wire, "gzip", gzip(ONE)).floats()).containsExactly(TWO);
            assertThat(ask(wire, " GZip ", gzip(ONE)).floats()).containsExactly(TWO);
            assertThat(ask(wire, "deflate", deflated.toByteArray()).floats()).containsExactly(TWO);
            assertThat(ask(wire, "Identity", ONE).floats()).containsExactly(TWO);
            assertThat(ask(wire, "gzip", more).floats()).containsExactly(TWO);
            assertThat(ask(wire, "gzip", members).floats()).containsExactly(TWO);
        }
    }

    @Test
    void bodies_that_cannot_be_unfolded_or_are_too_long_then_are_refused() throws IOException {
        byte[] cut = gzip(ONE);
        byte[] other = gzip(ONE);
        other[other.length - 5]++; // its sum
        byte[][] many = new byte[1025][];
        Arrays.fill(many, gzip(new byte[0]));
        try (Wire wire = wire(Samples.patient().body(100_000))) {
            assertThat(ask(wire, "gzip", gzip(new byte[100_001])).status()).isEqualTo(413);
            assertThat(ask(wire, "gzip", gzip(new byte[60_000]), gzip(new byte[60_000]))
                            .status())
                    .isEqualTo(413);
            assertThat(ask(wire, "gzip", Arrays.copyOf(cut, cut.length - 9)).status())
                    .isEqualTo(400);
            assertThat(ask(wire, "gzip", other).status()).isEqualTo(400);
            assertThat(ask(wire, "gzip", gzip(ONE), ONE).status()).isEqualTo(400);
            assertThat(ask(wire, "gzip", gzip(ONE), other).status()).isEqualTo(400);
            assertThat(ask(wire, "gzip", many).text()).contains("at most 1024 members of gzip");
            assertThat(wire.send(raw(3)).read().floats()[0]).isEqualTo(6);
        }
    }

    /** What clients take, and how the answer is folded, if it is. */
    @ParameterizedTest
    @CsvSource({
        "'br, gzip', gzip",
        "DEFLATE, deflate",
        "'gzip;q=0.0, deflate;q=0.1', deflate",
        "gzip;q=0,",
        "gzip;level=1;q=0,",
        "'*;q=0',",
        "';;;,,,q=;',",
        "'gzip;,;', gzip"
    })
    void answers_are_folded_for_those_who_take_it(String taken, @Nullable String folded) throws IOException {
        try (Wire wire = wire(Samples.patient())) {
            Wire.Got got = wire.send(post(TWICE, RAW + "Accept-Encoding: " + taken + "\r\n", new byte[1600]))
                    .read();
            assertThat(got.headers().get("content-encoding")).isEqualTo(folded);
            InputStream body = new ByteArrayInputStream(got.body());
            InputStream unfolded = folded == null
                    ? body
                    : folded.equals("gzip") ? new GZIPInputStream(body) : new InflaterInputStream(body);
            assertThat(new Wire.Got(200, got.headers(), unfolded.readAllBytes()).floats())
                    .hasSize(400);
        }
    }
}
