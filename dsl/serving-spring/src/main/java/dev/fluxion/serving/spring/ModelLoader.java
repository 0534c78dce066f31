package dev.fluxion.serving.spring;

import dev.fluxion.Input;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.ir.DType;
import dev.fluxion.serving.Limits;
import dev.fluxion.serving.Models;
import dev.fluxion.serving.Source;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;
import org.springframework.core.io.ResourceLoader;
import org.springframework.util.unit.DataSize;

/** Loads the models of the configuration, or tells which property is wrong. */
final class ModelLoader {
    private final ResourceLoader resources;
    private final ListenerFactory listeners;
    private final Models models;

    ModelLoader(FluxionProperties properties, ResourceLoader resources, ListenerFactory listeners) {
        this.resources = resources;
        this.listeners = listeners;
        this.models = Models.of(limits(properties));
        try {
            properties.byName().forEach(this::load);
        } catch (RuntimeException | Error e) {
            models.close();
            throw e;
        }
    }

    private static Limits limits(FluxionProperties properties) {
        DataSize memory = properties.memory();
        Limits limits = memory == null ? Limits.none() : limit("memory", () -> Limits.of(memory.toBytes()));
        Duration idle = properties.evictIdle();
        return idle == null ? limits : limit("evict-idle", () -> limits.evictIdle(idle));
    }

    private static Limits limit(String property, Supplier<Limits> with) {
        try {
            return with.get();
        } catch (IllegalArgumentException e) {
            throw PropertyException.of(property, e);
        }
    }

    private void load(String name, ModelProperties properties) {
        String path = properties.path();
        if (path == null || path.isBlank()) {
            throw PropertyException.of(name, "path", "there must be a file, but none is named");
        }
        Source source = Source.of(() -> open(name, path));
        try {
            models.load(
                    name,
                    properties.number(),
                    source.batching(properties.batching(name, listeners.listener(name, models))));
        } catch (PropertyException e) {
            throw e;
        } catch (RuntimeException e) {
            throw PropertyException.of(name, "", e);
        }
    }

    private Model open(String name, String path) {
        try {
            return open(path);
        } catch (IOException | UncheckedIOException e) {
            throw PropertyException.of(name, "path", "'" + path + "' cannot be loaded: " + e);
        }
    }

    private Model open(String path) throws IOException {
        boolean isResource = path.startsWith(ResourceLoader.CLASSPATH_URL_PREFIX) || path.startsWith("file:");
        Resource resource = isResource ? resources.getResource(path) : null;
        if (resource == null) {
            return Model.open(Path.of(path));
        }
        return resource.isFile() ? Model.open(resource.getFile().toPath()) : copied(resource);
    }

    /** A model in a jar. */
    private static Model copied(Resource resource) throws IOException {
        Path copy = Files.createTempFile("fluxion", ".model");
        try (InputStream in = resource.getInputStream()) {
            Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
            return Model.open(copy);
        } finally {
            Files.deleteIfExists(copy);
        }
    }

    Models models() {
        return models;
    }

    /** The extents of a sample of a model with one floating-point input; null if it has others. */
    int @Nullable [] sample(String name) {
        List<Input> inputs = models.with(name, served -> served.signature().inputs());
        Input only = inputs.get(0);
        boolean fits = inputs.size() == 1
                && only.type() == DType.FLOAT
                && only.varying().isEmpty();
        return fits ? only.sample().dims() : null;
    }
}
