package dev.fluxion.serving.spring;

import static dev.fluxion.dsl.layer.Layers.linear;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.dsl.train.Model;
import dev.fluxion.serving.Models;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** Health, with the types of this Spring Boot. */
class HealthOfBoot4Test {
    private final ApplicationContextRunner runner =
            new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(FluxionAutoConfiguration.class));

    @Test
    void modelsAreUpWhileTheyAreServed(@TempDir Path folder) throws Exception {
        try (Model model = Model.of(linear(3), 4)) {
            model.export(folder.resolve("digits.fluxion"));
        }
        runner.withPropertyValues("fluxion.models.digits.path=" + folder.resolve("digits.fluxion"))
                .run(context -> {
                    HealthIndicator indicator = context.getBean("fluxionHealthIndicator", HealthIndicator.class);
                    Health health = indicator.health();
                    assertThat(health.getStatus()).isEqualTo(Status.UP);
                    assertThat(health.getDetails()).containsOnlyKeys("digits 1");
                    context.getBean(Models.class).unload("digits", "1");
                    assertThat(indicator.health().getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
                });
    }

    @Test
    void itCanBeSwitchedOff() {
        runner.withPropertyValues("management.health.fluxion.enabled=false")
                .run(context -> assertThat(context).doesNotHaveBean(HealthIndicator.class));
    }
}
