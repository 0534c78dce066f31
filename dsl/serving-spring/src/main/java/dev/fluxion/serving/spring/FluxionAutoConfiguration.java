package dev.fluxion.serving.spring;

import dev.fluxion.serving.Models;
import dev.fluxion.serving.ServingListener;
import dev.fluxion.serving.micrometer.ServingMeters;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.io.ResourceLoader;

/**
 * Serves the models that {@code fluxion.models} names. Each is a bean of its name, a {@link dev.fluxion.serving.Service} and a {@code
 * Predictor<float[], float[]>}; all of them are in the {@link Models} bean.
 */
@AutoConfiguration
@EnableConfigurationProperties(FluxionProperties.class)
@Import(ModelRegistrar.class)
public class FluxionAutoConfiguration {
    static final String LOADER = "fluxionModelLoader";

    @Bean(LOADER)
    ModelLoader fluxionModelLoader(
            FluxionProperties properties, ResourceLoader resources, ObjectProvider<ListenerFactory> listeners) {
        return new ModelLoader(
                properties, resources, listeners.getIfAvailable(() -> (model, models) -> ServingListener.NONE));
    }

    /** All models, to replace them. {@link Drain} closes them, or Spring if the application does not start. */
    @Bean
    Models fluxionModels(ModelLoader loader) {
        return loader.models();
    }

    @Bean
    Drain fluxionDrain(Models models, ConfigurableApplicationContext context) {
        return new Drain(models, context);
    }

    /** Health with Spring Boot 4. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(name = "org.springframework.boot.health.contributor.HealthIndicator")
    @ConditionalOnBooleanProperty(name = "management.health.fluxion.enabled", matchIfMissing = true)
    static class HealthOfBoot4 {
        @Bean
        org.springframework.boot.health.contributor.HealthIndicator fluxionHealthIndicator(Models models) {
            return () -> {
                ModelHealth health = ModelHealth.of(models);
                return org.springframework.boot.health.contributor.Health.status(health.status())
                        .withDetails(health.details())
                        .build();
            };
        }
    }

    /** Health with Spring Boot 3.5, which has it elsewhere. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(name = "org.springframework.boot.actuate.health.HealthIndicator")
    @ConditionalOnBooleanProperty(name = "management.health.fluxion.enabled", matchIfMissing = true)
    static class HealthOfBoot3 {
        @Bean
        org.springframework.boot.actuate.health.HealthIndicator fluxionHealthIndicator(Models models) {
            return () -> {
                ModelHealth health = ModelHealth.of(models);
                return org.springframework.boot.actuate.health.Health.status(health.status())
                        .withDetails(health.details())
                        .build();
            };
        }
    }

    /** With Micrometer. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(MeterRegistry.class)
    static class Meters {
        @Bean
        @ConditionalOnMissingBean
        ListenerFactory fluxionMeters(ObjectProvider<MeterRegistry> registry) {
            MeterRegistry meters = registry.getIfAvailable();
            return (model, models) -> meters == null
                    ? ServingListener.NONE
                    : ServingMeters.of(meters, model).watch(models);
        }
    }
}
