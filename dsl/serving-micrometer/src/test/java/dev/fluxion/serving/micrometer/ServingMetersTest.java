package dev.fluxion.serving.micrometer;

import static dev.fluxion.dsl.layer.Layers.linear;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Tensor;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.serving.Batcher;
import dev.fluxion.serving.Batching;
import dev.fluxion.serving.Limits;
import dev.fluxion.serving.Models;
import dev.fluxion.serving.RefusedException;
import dev.fluxion.serving.Source;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

/** What is counted, and that every request is counted once. */
class ServingMetersTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    private double requests(String outcome) {
        return registry.get("fluxion.requests")
                .tags("model", "digits", "outcome", outcome)
                .counter()
                .count();
    }

    private double gauge(String name) {
        return registry.get(name).tag("model", "digits").gauge().value();
    }

    @Test
    void everyRequestIsCountedByItsOutcome() {
        ServingMeters meters = ServingMeters.of(registry, "digits");
        try (Model model = Model.of(linear(2), 3);
                Batcher batcher = Batcher.of(model, Batching.defaults().queue(4).listener(meters))) {
            meters.watch(batcher);
            batcher.submit(Tensor.zeros(1, 3)).join();
            assertThat(gauge("fluxion.model.memory")).isPositive();
            assertThatThrownBy(() -> batcher.submit(Tensor.zeros(5, 3)).join())
                    .hasCauseInstanceOf(RefusedException.class);
            assertThatThrownBy(() -> batcher.predict(Tensor.zeros(1, 4))).isInstanceOf(IllegalArgumentException.class);
            batcher.predict(Tensor.zeros(3, 3));
            assertThat(requests("invalid")).isEqualTo(1);
            assertThat(requests("full")).isEqualTo(1);
        }
        assertThat(requests("answered")).isEqualTo(2);
        assertThat(registry.get("fluxion.samples").counter().count()).isEqualTo(4);
        assertThat(registry.get("fluxion.request.queue").timer().count()).isEqualTo(2);
        assertThat(registry.get("fluxion.batch.compute").timer().count()).isEqualTo(2);
        assertThat(registry.get("fluxion.batch.samples").summary().mean()).isEqualTo(2);
        assertThat(gauge("fluxion.requests.inflight")).isZero();
        assertThat(gauge("fluxion.samples.waiting")).isZero();
    }

    @Test
    void theVersionsOfAModelShareMeters() {
        ServingMeters meters = ServingMeters.of(registry, "digits");
        Batching options = Batching.defaults().listener(meters);
        try (Models models = Models.of(Limits.none())) {
            meters.watch(models);
            models.load("digits", "1", Source.of(() -> Model.of(linear(2), 3)).batching(options));
            double one = gauge("fluxion.model.memory");
            models.load("digits", "2", Source.of(() -> Model.of(linear(2), 3)).batching(options));
            assertThat(gauge("fluxion.model.memory")).isEqualTo(2 * one).isPositive();
            models.service("digits", "1").predict(Tensor.zeros(1, 3));
            models.service("digits", "2").predict(Tensor.zeros(1, 3));
            models.unload("digits", "1");
            assertThatThrownBy(() -> models.service("digits").predict(Tensor.zeros(1, 3)))
                    .isInstanceOf(RefusedException.class);
        }
        assertThat(requests("answered")).isEqualTo(2);
        assertThat(gauge("fluxion.requests.inflight")).isZero();
    }
}
