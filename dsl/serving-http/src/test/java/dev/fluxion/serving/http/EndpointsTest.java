package dev.fluxion.serving.http;

import static dev.fluxion.serving.http.Wire.bytes;
import static dev.fluxion.serving.http.Wire.floats;
import static dev.fluxion.serving.http.Wire.get;
import static dev.fluxion.serving.http.Wire.post;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.dsl.train.Model;
import dev.fluxion.serving.Limits;
import dev.fluxion.serving.Models;
import dev.fluxion.serving.Repository;
import dev.fluxion.serving.Tls;
import dev.fluxion.serving.protocol.About;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All endpoints but that of inference, who may use them, and over what. */
class EndpointsTest {
    @TempDir
    private Path folder;

    private static Server local(Models models) {
        return Server.of(models).host("127.0.0.1").port(0).limits(Samples.patient());
    }

    private static String text(Wire wire, String path) throws IOException {
        return wire.send(get(path, "")).read().text();
    }

    @Test
    void the_server_tells_what_it_has() throws IOException {
        try (Models models = Samples.models();
                RunningServer server = local(models).page("/", "<p>here</p>").start();
                Wire wire = Wire.to(server)) {
            assertThat(text(wire, "/v2"))
                    .isEqualTo("{\"name\":\"fluxion\",\"version\":\"" + About.VERSION
                            + "\",\"extensions\":[\"binary_tensor_data\","
                            + "\"statistics\",\"model_configuration\",\"model_repository\"]}");
            assertThat(text(wire, "/v2/health/live")).isEqualTo("{\"live\":true}");
            assertThat(text(wire, "/v2/health/ready")).isEqualTo("{\"ready\":true}");
            assertThat(text(wire, "/v2/models/twice/ready")).isEqualTo("{\"name\":\"twice\",\"ready\":true}");
            assertThat(wire.send(get("/v2/models/none/ready", "")).read().status())
                    .isEqualTo(404);
            assertThat(text(wire, "/v2/models/varies"))
                    .isEqualTo("{\"name\":\"varies\",\"versions\":[\"1\"],\"platform\":\"fluxion\","
                            + "\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[-1,-1,-1]}],"
                            + "\"outputs\":[{\"name\":\"output\",\"datatype\":\"FP32\",\"shape\":[-1,-1,-1]}]}");
            assertThat(text(wire, "/v2/models/ids/versions/3"))
                    .contains("{\"name\":\"ids\",\"datatype\":\"INT32\",\"shape\":[-1,4]}")
                    .contains("{\"name\":\"mask\",\"datatype\":\"FP32\",\"shape\":[-1,4]}")
                    .contains("{\"name\":\"output\",\"datatype\":\"FP32\",\"shape\":[-1,4]}");
            assertThat(text(wire, "/v2/models/twice/config"))
                    .contains(
                            "\"max_batch_size\":8,\"input\":[{\"name\":\"input\",\"data_type\":\"TYPE_FP32\",\"dims\":[8]}]");
            assertThat(text(wire, "http://here:8000/v2/models/twice/ready?x=1"))
                    .isEqualTo("{\"name\":\"twice\",\"ready\":true}");
            assertThat(text(wire, "http://here")).isEqualTo("<p>here</p>");
            assertThat(text(wire, "/v2/models/zw\u00f6lf")).contains("unknown model: 'zw\u00f6lf'");
            assertThat(text(wire, "/v2/models/zw%C3%B6lf")).contains("unknown model: 'zw\u00f6lf'");
            Wire.Got page = wire.send(get("/", "")).read();
            assertThat(page.text()).isEqualTo("<p>here</p>");
            assertThat(page.headers()).containsEntry("content-type", "text/html; charset=utf-8");
        }
    }

    @Test
    void statistics_and_metrics_count() throws IOException {
        try (Models models = Samples.models();
                RunningServer server = local(models).start();
                Wire wire = Wire.to(server)) {
            String raw = "Inference-Header-Content-Length: 0\r\n";
            for (int i = 0; i < 3; i++) {
                wire.send(post("/v2/models/twice/infer", raw, floats(new float[16])))
                        .read();
            }
            wire.send(post("/v2/models/twice/infer", "", bytes("{}"))).read();
            wire.send(post("/v2/models/twice/infer", raw, floats(new float[8 * 100])))
                    .read();
            assertThat(text(wire, "/v2/models/twice/stats"))
                    .contains("\"name\":\"twice\",\"version\":\"1\"", "\"inference_count\":6,\"execution_count\":3")
                    .contains("\"success\":{\"count\":3,", "\"fail\":{\"count\":1,", "\"batch_size\":2,")
                    .contains("\"FULL\":0", "\"INVALID\":1")
                    .doesNotContain("ids");
            assertThat(text(wire, "/v2/models/stats")).contains("\"twice\"", "\"ids\"", "\"varies\"");
            models.overGrpc().add("OK", 1_000_000_000);
            assertThat(text(wire, "/metrics"))
                    .contains(
                            "# TYPE fluxion_requests_total counter\n",
                            "fluxion_requests_total{model=\"twice\",version=\"1\"} 3\n",
                            "fluxion_samples_total{model=\"twice\",version=\"1\"} 6\n",
                            "fluxion_refused_total{model=\"twice\",version=\"1\",reason=\"invalid\"} 1\n",
                            "fluxion_http_answers_total{status=\"200\"} 5\n",
                            "fluxion_http_answers_total{status=\"400\"} 2\n",
                            "fluxion_http_connections 1\n",
                            "fluxion_http_seconds_bucket{le=\"+Inf\"} 7\n",
                            "fluxion_http_seconds_count 7\n",
                            "fluxion_grpc_answers_total{code=\"OK\"} 1\n",
                            "fluxion_grpc_seconds_sum 1\n")
                    .matches("(?s)(# [^\n]+\n|[a-z_]+(\\{[^}]*\\})? [0-9.E-]+\n)+");
        }
    }

    @Test
    void names_are_quoted_in_metrics() throws IOException {
        try (Models models = Models.of(Limits.none());
                RunningServer server = local(models).start();
                Wire wire = Wire.to(server)) {
            models.load("a\"b\\c\nd", "1", Samples.source(Samples.twice()));
            assertThat(text(wire, "/metrics"))
                    .contains("fluxion_requests_total{model=\"a\\\"b\\\\c\\nd\",version=\"1\"} 0\n");
        }
    }

    @Test
    void models_come_from_the_repository_and_go() throws IOException {
        try (Model model = Samples.twice()) {
            model.export(folder.resolve("digits.fluxion"));
            Files.createDirectories(folder.resolve("letters"));
            model.export(folder.resolve("letters").resolve("2.fluxion"));
            model.export(folder.resolve("letters").resolve("10.fluxion"));
        }
        Files.writeString(folder.resolve("bad.fluxion"), "bad");
        try (Models models = Models.of(Limits.none());
                RunningServer server =
                        local(models).repository(Repository.of(folder)).start();
                Wire wire = Wire.to(server)) {
            assertThat(operate(wire, "models/digits/load").status()).isEqualTo(200);
            assertThat(operate(wire, "models/digits/load").status()).isEqualTo(200);
            assertThat(operate(wire, "models/letters/load").status()).isEqualTo(200);
            assertThat(operate(wire, "index").text())
                    .contains("{\"name\":\"digits\",\"version\":\"1\",\"state\":\"READY\",\"reason\":\"\"}")
                    .contains("{\"name\":\"letters\",\"version\":\"10\",\"state\":\"READY\",\"reason\":\"\"}")
                    .contains("{\"name\":\"letters\",\"version\":\"2\",\"state\":\"UNAVAILABLE\"");
            assertThat(wire.send(post("/v2/repository/index", "", bytes("{\"ready\":true}")))
                            .read()
                            .text())
                    .doesNotContain("UNAVAILABLE");
            Wire.Got bad = operate(wire, "models/bad/load");
            assertThat(bad.status()).as(bad.text()).isEqualTo(400);
            assertThat(bad.text())
                    .contains("failed to load 'bad'", "bad.fluxion")
                    .doesNotContain(folder.toString());
            assertThat(operate(wire, "models/..%2Fdigits/load").status()).isEqualTo(404);
            assertThat(wire.send(post(
                                    "/v2/repository/models/digits/load",
                                    "",
                                    bytes("{\"parameters\":{\"config\":\"{}\"}}")))
                            .read()
                            .status())
                    .isEqualTo(400);
            assertThat(operate(wire, "models/digits/unload").status()).isEqualTo(200);
            assertThat(text(wire, "/v2/health/ready")).isEqualTo("{\"ready\":true}");
            assertThat(operate(wire, "models/digits/unload").status()).isEqualTo(404);
            Wire.Got gone =
                    wire.send(post("/v2/models/digits/infer", "", bytes("{}"))).read();
            assertThat(gone.status()).isEqualTo(404);
            assertThat(gone.text()).contains("'digits' is not found; loaded are [letters 10]");
        }
    }

    private static Wire.Got operate(Wire wire, String what) throws IOException {
        return wire.send(post("/v2/repository/" + what, "", new byte[0])).read();
    }

    @Test
    void without_a_repository_nobody_loads_or_unloads() throws IOException {
        try (Models models = Samples.models();
                RunningServer server = local(models).start();
                Wire wire = Wire.to(server)) {
            assertThat(operate(wire, "models/twice/unload").text()).contains("has no repository");
            assertThat(operate(wire, "models/twice/load").status()).isEqualTo(400);
        }
    }

    @Test
    void without_the_token_there_is_only_health() throws IOException {
        try (Models models = Samples.models();
                RunningServer server = local(models).token("secret").start();
                Wire wire = Wire.to(server)) {
            for (String path : new String[] {"/v2", "/metrics", "/v2/models/twice", "/none"}) {
                Wire.Got got = wire.send(get(path, "")).read();
                assertThat(got.status()).isEqualTo(401);
                assertThat(got.headers()).containsEntry("www-authenticate", "Bearer");
                assertThat(wire.send(get(path, "Authorization: Bearer secre\r\n"))
                                .read()
                                .status())
                        .isEqualTo(401);
            }
            assertThat(text(wire, "/v2/health/ready")).isEqualTo("{\"ready\":true}");
            assertThat(wire.send(get("/v2", "Authorization: bearer secret\r\n"))
                            .read()
                            .status())
                    .isEqualTo(200);
            assertThat(local(models).token("secret").toString()).doesNotContain("secret");
        }
    }

    @Test
    void tls_is_spoken_with_a_certificate() throws Exception {
        Path store = folder.resolve("store.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "a",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=here",
                        "-storepass",
                        "secret",
                        "-keystore",
                        store.toString())
                .redirectErrorStream(true)
                .start();
        assertThat(new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isNotNull();
        assertThat(keytool.waitFor()).isZero();
        KeyStore keys = KeyStore.getInstance(store.toFile(), "secret".toCharArray());
        Tls tls = new Tls(
                pem("CERTIFICATE", keys.getCertificate("a").getEncoded()),
                pem("PRIVATE KEY", keys.getKey("a", "secret".toCharArray()).getEncoded()));
        try (Models models = Samples.models();
                RunningServer server = local(models).tls(tls).start();
                Wire plain = Wire.to(server);
                Wire wire = Wire.over(trusting().createSocket("127.0.0.1", server.port()))) {
            assertThat(text(wire, "/v2/health/live")).isEqualTo("{\"live\":true}");
            assertThat(plain.send(get("/v2", "")).isEnded()).isTrue();
        }
        try (Models models = Models.of(Limits.none())) {
            assertThatThrownBy(() -> local(models).tls(new Tls(store, store)).start())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("store.p12")
                    .hasMessageContaining("PEM");
        }
    }

    private Path pem(String kind, byte[] content) throws IOException {
        String text = Base64.getMimeEncoder().encodeToString(content);
        return Files.writeString(
                folder.resolve(kind.replace(' ', '-') + ".pem"),
                "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n");
    }

    private static SSLSocketFactory trusting() throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new TrustsAll()}, null);
        return context.getSocketFactory();
    }

    private static final class TrustsAll implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    @Test
    void options_are_checked() {
        Models models = Models.of(Limits.none());
        assertThatThrownBy(() -> Server.of(models).port(70_000))
                .hasMessage("Server: port must be from 0 to 65535 but is 70000");
        assertThatThrownBy(() -> Server.of(models).threads(0)).hasMessageContaining("threads must be from 1");
        assertThatThrownBy(() -> Server.of(models).token(" ")).hasMessageContaining("token must not be blank");
        assertThatThrownBy(() -> Server.of(models).page("x", "")).hasMessageContaining("must begin with / but is 'x'");
        assertThatThrownBy(() -> HttpLimits.defaults().body(0)).hasMessageContaining("body must be from 1");
        assertThatThrownBy(() -> HttpLimits.defaults().bodies(1)).hasMessageContaining("bodies must be from 16777216");
        assertThatThrownBy(() -> HttpLimits.defaults().idle(Duration.ZERO))
                .hasMessage("HttpLimits: idle must be above 0 but is PT0S");
        assertThatThrownBy(() -> Repository.of(folder.resolve("none")))
                .hasMessage("Repository: there is no folder " + folder.resolve("none"));
        models.close();
    }
}
