package dev.fluxion.serving.http;

import static dev.fluxion.serving.http.Wire.floats;
import static dev.fluxion.serving.http.Wire.post;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.serving.Models;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/** Tests of a server of the sample models. Each test starts one, which holds no bytes at its end. */
abstract class OneServer {
    static final String TWICE = "/v2/models/twice/infer";
    static final String RAW = "Inference-Header-Content-Length: 0\r\n";
    static final byte[] ONE = floats(1, 1, 1, 1, 1, 1, 1, 1);
    static final float[] TWO = {2, 2, 2, 2, 2, 2, 2, 2};

    static Models models;
    RunningServer server;

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

    /** Where a server of models is set up. */
    static Server local(Models which, HttpLimits limits) {
        return Server.of(which).host("127.0.0.1").port(0).limits(limits);
    }

    /** Starts a server of the sample models, and connects to it. */
    Wire wire(HttpLimits limits) throws IOException {
        server = local(models, limits).start();
        return Wire.to(server);
    }

    /** Asks for twice a number and seven zeros. */
    static byte[] raw(float value) {
        return post(TWICE, RAW, floats(value, 0, 0, 0, 0, 0, 0, 0));
    }
}
