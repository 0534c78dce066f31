package dev.fluxion.examples.spring;

import static dev.fluxion.dsl.layer.Layers.linear;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Tensor;
import dev.fluxion.dsl.train.Model;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** The application starts, answers, tells how it is, and stops. */
class DigitsApplicationTest {
    private final HttpClient client = HttpClient.newHttpClient();
    private String root = "";

    @Test
    void itAnswersAndTellsHowItIs(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("digits.fluxion");
        float[] expected;
        try (Model model = Model.of(linear(10), 784)) {
            model.export(file);
            expected = model.predict(Tensor.full(1, 1, 784)).floats();
        }
        try (ConfigurableApplicationContext context = SpringApplication.run(
                DigitsApplication.class, "--server.port=0", "--fluxion.models.digits.path=" + file)) {
            root = "http://localhost:" + context.getEnvironment().getProperty("local.server.port");
            HttpResponse<String> answer = post(784);
            assertThat(answer.statusCode()).isEqualTo(200);
            String[] scores =
                    answer.body().substring(1, answer.body().length() - 1).split(",");
            assertThat(scores).hasSize(10);
            for (int i = 0; i < scores.length; i++) {
                assertThat(Float.parseFloat(scores[i])).isEqualTo(expected[i]);
            }
            assertThat(post(783).statusCode()).isEqualTo(400);
            assertThat(post(783).body()).contains("has 784 elements but the array has 783");
            assertThat(get("/actuator/health")).contains("\"fluxion\"", "\"digits 1\"", "\"status\":\"UP\"");
            assertThat(get("/actuator/metrics/fluxion.requests?tag=outcome:answered"))
                    .contains("\"value\":1.0");
        }
    }

    private HttpResponse<String> post(int pixels) throws Exception {
        String body = "[" + String.join(",", Collections.nCopies(pixels, "1")) + "]";
        HttpRequest request = HttpRequest.newBuilder(URI.create(root + "/digits"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private String get(String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(root + path)).build();
        return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }
}
