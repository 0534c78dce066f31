package dev.fluxion.serving.http;

import dev.fluxion.serving.Models;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** What operators do: list, load and unload models. That takes long, so another thread does it. */
final class Operations implements AutoCloseable {
    private static final int MOST_WAITING = 16;
    private static final long IDLE_SECONDS = 10;

    private final Models models;
    private final @Nullable Repository repository;
    private final ThreadPoolExecutor executor;

    Operations(Models models, @Nullable Repository repository) {
        this.models = models;
        this.repository = repository;
        this.executor = new ThreadPoolExecutor(
                1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MOST_WAITING), task -> {
                    Thread thread = new Thread(null, task, "fluxion-http-operations", 0, false);
                    thread.setDaemon(true);
                    return thread;
                });
        executor.allowCoreThreadTimeOut(true);
    }

    /** A line of the index. */
    private record Line(String name, String version, boolean ready) {}

    /** What is loaded, and what may be. */
    Reply index(Ask ask) {
        boolean[] onlyReady = {false};
        if (ask.body().hasRemaining()) {
            Json.object(ask.bytes(), (name, value) -> {
                if (name.equals("ready")) {
                    onlyReady[0] = Json.bool("ready", value);
                } else {
                    value.skipChildren();
                }
            });
        }
        List<Line> lines = new ArrayList<>();
        models.list().forEach(loaded -> lines.add(new Line(loaded.name(), loaded.version(), true)));
        if (repository != null && !onlyReady[0]) {
            repository.entries().stream()
                    .map(entry -> new Line(entry.name(), entry.version(), false))
                    .filter(line -> !lines.contains(new Line(line.name(), line.version(), true)))
                    .forEach(lines::add);
        }
        return Reply.json(Json.writeValue(json -> {
            json.writeStartArray();
            lines.forEach(line -> write(json, line));
            json.writeEndArray();
        }));
    }

    private static void write(JsonGenerator json, Line line) {
        json.writeStartObject();
        json.writeStringProperty("name", line.name());
        json.writeStringProperty("version", line.version());
        json.writeStringProperty("state", line.ready() ? "READY" : "UNAVAILABLE");
        json.writeStringProperty("reason", line.ready() ? "" : "not loaded");
        json.writeEndObject();
    }

    /** Loads the latest version in the repository, in place of what is loaded of the name. */
    Later load(Ask ask, String name) {
        Repository files = files();
        if (ask.body().hasRemaining()) {
            Json.object(ask.bytes(), (field, value) -> {
                if (field.equals("parameters") && !Json.parameters(field, value).isEmpty()) {
                    throw Errors.noParameters();
                }
                value.skipChildren();
            });
        }
        return later(() -> {
            Repository.Entry entry = files.latest(name).orElseThrow(() -> Errors.notInRepository(name));
            try {
                models.replace(name, entry.version(), files.source(entry));
            } catch (UncheckedIOException | IllegalArgumentException | IllegalStateException e) {
                throw Errors.notLoaded(name, String.valueOf(e.getMessage()));
            }
        });
    }

    /** Unloads all versions of a name, when they have answered their requests. */
    Later unload(String name) {
        files();
        return later(() -> {
            List<Models.Loaded> loaded = models.list().stream()
                    .filter(version -> version.name().equals(name))
                    .toList();
            if (loaded.isEmpty()) {
                throw Errors.unknownModel(name, null, models);
            }
            loaded.forEach(version -> models.unload(name, version.version()));
        });
    }

    private Repository files() {
        if (repository == null) {
            throw Errors.noRepository();
        }
        return repository;
    }

    private Later later(Runnable what) {
        try {
            CompletableFuture<Void> work = CompletableFuture.runAsync(what, executor);
            return new Later(work.thenApply(done -> new Reply(200, "application/json", new byte[0], Map.of())), work);
        } catch (RejectedExecutionException e) {
            throw Errors.busy();
        }
    }

    @Override
    public void close() {
        executor.shutdown();
    }
}
