package dev.fluxion.serving.spring;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

/**
 * The configuration of all models.
 *
 * @param models the models by name, which is the name of the bean, too
 * @param memory how much native memory all models hold at most when one is loaded, as 2GB; no limit by default
 * @param evictIdle how long a version must have been without requests, so that it is unloaded to make room; none is by default
 */
@ConfigurationProperties("fluxion")
public record FluxionProperties(
        @Nullable Map<String, ModelProperties> models,
        @Nullable DataSize memory,
        @Nullable Duration evictIdle) {
    /** The models by name. */
    Map<String, ModelProperties> byName() {
        return models == null ? Map.of() : models;
    }
}
