package dev.fluxion.serving.protocol;

import dev.fluxion.serving.Models;
import dev.fluxion.serving.Refusal;
import dev.fluxion.serving.RefusedException;
import dev.fluxion.serving.Repository;
import dev.fluxion.serving.Served;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The models as the clients of a server see them. Loading and unloading take long, so another thread does it. */
public final class Catalog implements AutoCloseable {
    private static final int MOST_WAITING = 16;
    private static final long IDLE_SECONDS = 10;
    private static final Logger LOG = LoggerFactory.getLogger(Catalog.class);

    private final Models models;
    private final @Nullable Repository repository;
    private final ThreadPoolExecutor executor;

    /** The models, and the files that clients may load others from; null if they may neither load nor unload. */
    public Catalog(Models models, @Nullable Repository repository) {
        this.models = models;
        this.repository = repository;
        this.executor = new ThreadPoolExecutor(
                1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MOST_WAITING), task -> {
                    Thread thread = new Thread(null, task, "fluxion-operations", 0, false);
                    thread.setDaemon(true);
                    return thread;
                });
        executor.allowCoreThreadTimeOut(true);
    }

    /** The loaded versions of a name. */
    public List<Models.Loaded> versions(String name) {
        return models.list().stream()
                .filter(loaded -> loaded.name().equals(name))
                .toList();
    }

    /** The versions that statistics are wanted of: all of a name, or the one that is given. */
    public List<Models.Loaded> versions(String name, @Nullable String version) {
        requireKnown(name, version);
        return versions(name).stream()
                .filter(loaded -> version == null || loaded.version().equals(version))
                .toList();
    }

    /**
     * Uses a version; without a number, the one that is to answer the next request.
     *
     * @throws Fault if there is none
     * @throws RefusedException if it is being closed
     */
    public <T> T with(String name, @Nullable String version, Function<Served, T> what) {
        requireKnown(name, version);
        try {
            return version == null ? models.with(name, what) : models.with(name, version, what);
        } catch (RefusedException e) {
            boolean unloaded = e.refusal() == Refusal.CLOSED
                    && !models.status().draining()
                    && versions(name).isEmpty();
            throw unloaded ? Faults.unknownModel(name, version, models) : e;
        }
    }

    private void requireKnown(String name, @Nullable String version) {
        try {
            if (version == null) {
                models.service(name);
            } else {
                models.service(name, version);
            }
        } catch (IllegalArgumentException e) {
            throw Faults.unknownModel(name, version, models);
        }
    }

    /**
     * A line of the index.
     *
     * @param name what a model is called
     * @param version its version
     * @param ready whether it is loaded
     */
    public record Line(String name, String version, boolean ready) {
        /** The state, as Triton names it. */
        public String state() {
            return ready ? "READY" : "UNAVAILABLE";
        }

        /** Why it is not ready. */
        public String reason() {
            return ready ? "" : "not loaded";
        }
    }

    /** What is loaded, and what may be. */
    public List<Line> index(boolean onlyReady) {
        List<Line> lines = new ArrayList<>();
        models.list().forEach(loaded -> lines.add(new Line(loaded.name(), loaded.version(), true)));
        if (repository != null && !onlyReady) {
            repository.entries().stream()
                    .map(entry -> new Line(entry.name(), entry.version(), false))
                    .filter(line -> !lines.contains(new Line(line.name(), line.version(), true)))
                    .forEach(lines::add);
        }
        return lines;
    }

    /** Loads the latest version in the repository, in place of what is loaded of the name. There are no parameters. */
    public CompletableFuture<Void> load(String name, boolean parameters) {
        Repository files = files();
        if (parameters) {
            throw Faults.noParameters();
        }
        return later(() -> {
            Repository.Entry entry = files.latest(name).orElseThrow(() -> Faults.notInRepository(name));
            try {
                models.replace(name, entry.version(), files.source(entry));
            } catch (UncheckedIOException | IllegalArgumentException | IllegalStateException e) {
                LOG.warn(Faults.cannotLoad(entry.file()), e);
                throw Faults.notLoaded(name, withoutPath(String.valueOf(e.getMessage()), files.folder(), entry.file()));
            }
        });
    }

    /** A message that says where a file lies in the repository, but not where that lies on this machine. */
    private static String withoutPath(String message, Path folder, Path file) {
        String name = folder.relativize(file).toString();
        return message.replace(file.toAbsolutePath().toString(), name).replace(file.toString(), name);
    }

    /** Unloads all versions of a name, when they have answered their requests. */
    public CompletableFuture<Void> unload(String name) {
        files();
        return later(() -> {
            if (versions(name).isEmpty()) {
                throw Faults.unknownModel(name, null, models);
            }
            models.unload(name);
        });
    }

    private Repository files() {
        if (repository == null) {
            throw Faults.noRepository();
        }
        return repository;
    }

    private CompletableFuture<Void> later(Runnable what) {
        try {
            return CompletableFuture.runAsync(what, executor);
        } catch (RejectedExecutionException e) {
            throw Faults.busy();
        }
    }

    @Override
    public void close() {
        executor.shutdown();
    }
}
