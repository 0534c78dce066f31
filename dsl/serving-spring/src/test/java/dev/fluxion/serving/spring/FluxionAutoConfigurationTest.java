package dev.fluxion.serving.spring;

import static dev.fluxion.dsl.layer.Layers.embedding;
import static dev.fluxion.dsl.layer.Layers.linear;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Input;
import dev.fluxion.Tensor;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.ir.Shape;
import dev.fluxion.serving.Models;
import dev.fluxion.serving.Predictor;
import dev.fluxion.serving.RefusedException;
import dev.fluxion.serving.Service;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.ResolvableType;

/** Models as beans, by configuration. */
class FluxionAutoConfigurationTest {
    @TempDir
    private static Path folder;

    private static float[] expected;

    private final ApplicationContextRunner runner =
            new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(FluxionAutoConfiguration.class));

    @BeforeAll
    static void export() throws Exception {
        try (Model model = Model.of(linear(3), 2, 2)) {
            model.export(folder.resolve("digits.fluxion"));
            expected = model.predict(Tensor.zeros(1, 2, 2)).floats();
        }
        try (Model texts = Model.of(Seq.of(embedding(9, 4), linear(2)), Input.ints("ids", 5))) {
            texts.export(folder.resolve("texts.fluxion"));
        }
        Files.writeString(folder.resolve("damaged.fluxion"), "no model");
    }

    private ApplicationContextRunner with(String... properties) {
        return runner.withPropertyValues("fluxion.models.digits.path=" + folder.resolve("digits.fluxion"))
                .withPropertyValues(properties);
    }

    /** What an application writes. */
    @Configuration(proxyBeanMethods = false)
    static class Application {
        record Digits(Predictor<float[], float[]> model, Service texts) {}

        @Bean
        Digits user(@Qualifier("digits") Predictor<float[], float[]> model, @Qualifier("texts") Service texts) {
            return new Digits(model, texts);
        }
    }

    @Test
    void aModelIsABeanOfItsName() {
        with().run(context -> {
            Predictor<float[], float[]> only = context.<Predictor<float[], float[]>>getBeanProvider(
                            ResolvableType.forClassWithGenerics(Predictor.class, float[].class, float[].class))
                    .getObject();
            assertThat(only.predict(new float[4])).isEqualTo(expected);
            assertThat(only.submit(new float[4]).join()).isEqualTo(expected);
            assertThat(context.getBean(Service.class)).isSameAs(only);
            assertThatThrownBy(() -> only.predict(new float[5])).hasMessageContaining("1×2×2 has 4 elements");
        });
    }

    @Test
    void severalAreToldApartByTheirNames() {
        with("fluxion.models.texts.path=file:" + folder.resolve("texts.fluxion"))
                .withUserConfiguration(Application.class)
                .run(context -> {
                    Application.Digits user = context.getBean(Application.Digits.class);
                    assertThat(user.model().predict(new float[4])).isEqualTo(expected);
                    Tensor answer = user.texts().predict(Tensor.of(new int[5], Shape.of(1, 5)));
                    assertThat(answer.shape()).isEqualTo(Shape.of(1, 5, 2));
                    assertThatThrownBy(() ->
                                    context.getBean("texts", ServedModel.class).predict(new float[5]))
                            .hasMessageContaining("inject it as a Service");
                });
    }

    @Test
    void withoutModelsThereIsNothing() {
        runner.run(context -> {
            assertThat(context.getBean(Models.class).list()).isEmpty();
            assertThat(context).doesNotHaveBean(Predictor.class);
        });
    }

    @ParameterizedTest
    @CsvSource({
        "digits.max-batch, 0, max-batch, maxBatch must be from 1 to 65536 but is 0",
        "digits.max-delay, -1ms, max-delay, maxDelay must not be negative",
        "digits.queue, 0, queue, queue must be from 1",
        "digits.deadline, 0s, deadline, deadline must be above 0",
        "digits.workers, 2000, workers, workers must be from 1 to 1024 but is 2000",
        "digits.threads-per-worker, 0, threads-per-worker, threadsPerWorker must be from 1",
        "digits.batch-invariant, -1, batch-invariant, batchInvariant must be from 0",
        "digits.path, nowhere.fluxion, path, 'nowhere.fluxion' cannot be loaded",
        "digits.path, classpath:nowhere.fluxion, path, cannot be loaded",
        "digits.path, DAMAGED, path, cannot be loaded",
        "digits.path, '', path, 'there must be a file, but none is named'"
    })
    void whatIsWrongIsNamedInOneMessage(String property, String value, String named, String message) {
        String given =
                value.replace("DAMAGED", folder.resolve("damaged.fluxion").toString());
        with("fluxion.models." + property + "=" + given).run(context -> {
            assertThat(context).hasFailed();
            FailureAnalysis analysis = new PropertyFailureAnalyzer().analyze(context.getStartupFailure());
            assertThat(analysis.getDescription())
                    .startsWith("fluxion.models.digits." + named + ": ")
                    .contains(message);
            assertThat(analysis.getAction()).isEqualTo("Change the property fluxion.models.digits." + named + ".");
        });
    }

    @ParameterizedTest
    @CsvSource({"memory, 0B, bytes must be", "memory, -5MB, bytes must be", "evict-idle, -1s, idle must not be negative"
    })
    void limitsThatAreWrongAreNamed(String property, String value, String message) {
        with("fluxion." + property + "=" + value)
                .run(context -> assertThat(new PropertyFailureAnalyzer().analyze(context.getStartupFailure()))
                        .extracting(FailureAnalysis::getDescription)
                        .asString()
                        .startsWith("fluxion." + property + ": ")
                        .contains(message));
    }

    @Test
    void aModelThatTakesTooMuchMemoryOrTheNameOfABeanIsRefused() {
        with("fluxion.memory=1KB")
                .run(context -> assertThat(new PropertyFailureAnalyzer().analyze(context.getStartupFailure()))
                        .extracting(FailureAnalysis::getDescription)
                        .asString()
                        .startsWith("fluxion.models.digits: load: digits 1 takes"));
        runner.withPropertyValues("fluxion.models.user.path=x")
                .withUserConfiguration(Application.class)
                .run(context -> assertThat(context.getStartupFailure())
                        .hasStackTraceContaining("fluxion.models.user: the application has another bean"));
    }

    @Test
    void requestsAreAnsweredBeforeTheContextIsClosed() {
        CompletableFuture<?>[] answers = new CompletableFuture<?>[100];
        Models[] models = new Models[1];
        with("fluxion.models.digits.workers=1").run(context -> {
            models[0] = context.getBean(Models.class);
            ServedModel digits = context.getBean(ServedModel.class);
            for (int i = 0; i < answers.length; i++) {
                answers[i] = digits.submit(new float[4]);
            }
            context.close();
            assertThatThrownBy(() -> digits.predict(new float[4])).isInstanceOf(RefusedException.class);
        });
        assertThat(answers).allSatisfy(answer -> assertThat(answer.join()).isEqualTo(expected));
        assertThat(models[0].list()).isEmpty();
    }

    @Test
    void modelsStayWhileTheContextIsStopped() {
        with().run(context -> {
            ServedModel digits = context.getBean(ServedModel.class);
            ConfigurableApplicationContext source = context.getSourceApplicationContext();
            source.stop();
            source.start();
            assertThat(digits.predict(new float[4])).isEqualTo(expected);
            source.stop();
            source.close();
            assertThatThrownBy(() -> digits.predict(new float[4])).isInstanceOf(RefusedException.class);
        });
    }

    @Test
    void requestsAreCountedWhereThereIsARegistry() {
        with().withBean(MeterRegistry.class, SimpleMeterRegistry::new).run(context -> {
            context.getBean(ServedModel.class).predict(new float[4]);
            MeterRegistry meters = context.getBean(MeterRegistry.class);
            assertThat(meters.get("fluxion.requests")
                            .tags("model", "digits", "outcome", "answered")
                            .counter()
                            .count())
                    .isEqualTo(1);
            assertThat(meters.get("fluxion.model.memory").gauge().value()).isPositive();
        });
        with().withClassLoader(new FilteredClassLoader("io.micrometer"))
                .run(context -> assertThat(context).doesNotHaveBean(ListenerFactory.class));
    }
}
