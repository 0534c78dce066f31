package dev.fluxion.serving;

import dev.fluxion.ir.Given;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Models by name and version, which are replaced while requests come:
 *
 * <pre>{@code
 * Models models = Models.of(Limits.none());
 * models.load("digits", "1", Source.of(() -> model()));
 * Service digits = models.service("digits");
 * models.replace("digits", "2", Source.of(() -> better()));
 * }</pre>
 *
 * <p>Each request is answered by one version. A version that is unloaded answers the requests that it has, and is closed then. Any
 * number of threads may call; those that load and unload wait for each other, requests wait for none of them.
 */
public final class Models implements AutoCloseable {
    private final Limits limits;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Route> routes = new ConcurrentHashMap<>();
    private final List<Version> versions = new CopyOnWriteArrayList<>();
    private final Answers<String> overGrpc = new Answers<>();
    private volatile boolean closed;

    private Models(Limits limits) {
        this.limits = limits;
    }

    /** No models. */
    public static Models of(Limits limits) {
        return new Models(Given.require("Models", "the limits", limits));
    }

    /**
     * A loaded version.
     *
     * @param name what the model is called
     * @param version its version
     * @param percent how many of a hundred requests go to it
     * @param bytes the native memory that it holds
     */
    public record Loaded(String name, String version, int percent, long bytes) {}

    /**
     * Loads a version and warms it up. If no version of the name is served, it is from then on; else {@link #serve} or {@link #canary}
     * make it so.
     *
     * @throws IllegalArgumentException if it is loaded already
     * @throws IllegalStateException if it takes more memory than is left; nothing has changed then
     */
    public void load(String name, String version, Source source) {
        change(() -> {
            if (find(name, version) != null) {
                throw new IllegalArgumentException(Errors.loadedTwice(name, version));
            }
            Version loaded = loaded(name, version, source, false);
            Route route = routes.computeIfAbsent(name, Route::new);
            if (route.targets() == null) {
                route.lead(new Route.Targets(loaded, null, 0));
            }
        });
    }

    /** Loads a version, which those of the name make room for when requests are led to it if it is to replace them. */
    private Version loaded(String name, String version, Source source, boolean replaces) {
        Errors.requireText("load", "the name", name);
        Errors.requireText("load", "the version", version);
        Given.require("load", "the source", source);
        Version loaded = Version.load(name, version, source);
        try {
            makeRoom(loaded, replaces);
        } catch (IllegalStateException e) {
            loaded.retire();
            throw e;
        }
        versions.add(loaded);
        return loaded;
    }

    private void makeRoom(Version loaded, boolean replaces) {
        List<Version> idle = versions.stream()
                .filter(version -> !version.isUsed() && version.idleNanos() >= Batcher.nanos(limits.idle()))
                .sorted(Comparator.comparingLong(Version::idleNanos).reversed())
                .toList();
        long missing = loaded.bytes() - (limits.bytes() - bytes());
        List<Version> evicted = new ArrayList<>();
        for (Version version : idle) {
            if (missing > 0) {
                missing -= version.bytes();
                if (!replaces || !version.name().equals(loaded.name())) {
                    evicted.add(version);
                }
            }
        }
        if (missing > 0) {
            throw new IllegalStateException(Errors.noMemory(loaded, loaded.bytes(), limits.bytes(), versions));
        }
        evicted.forEach(this::evict);
    }

    private void evict(Version version) {
        Route route = route(version.name());
        Route.Targets now = route.targets();
        if (now != null && now.serving() == version) {
            route.dismiss();
        }
        remove(version);
    }

    private long bytes() {
        return versions.stream().mapToLong(Version::bytes).sum();
    }

    /**
     * Leads all requests for a name to a version, from now on.
     *
     * @throws IllegalArgumentException if it is not loaded
     */
    public void serve(String name, String version) {
        change(() -> route(name).lead(new Route.Targets(require("serve", name, version), null, 0)));
    }

    /**
     * Leads some of a hundred requests for a name to another version than the one that is served, evenly spread.
     *
     * @param percent how many, from 0 to 100
     * @throws IllegalArgumentException if it is not loaded
     */
    public void canary(String name, String version, int percent) {
        Errors.requireWithin("canary", "percent", 0, 100, percent);
        change(() -> {
            Version canary = require("canary", name, version);
            Route route = route(name);
            Route.Targets now = route.targets();
            route.lead(new Route.Targets(now == null ? canary : now.serving(), canary, percent));
        });
    }

    /**
     * Loads a version, leads all requests for the name to it, and unloads the others of the name, one of the same number included. If
     * loading fails, nothing has changed.
     */
    public void replace(String name, String version, Source source) {
        change(() -> {
            Version loaded = loaded(name, version, source, true);
            routes.computeIfAbsent(name, Route::new).lead(new Route.Targets(loaded, null, 0));
            versions.stream()
                    .filter(other -> other.name().equals(name) && other != loaded)
                    .forEach(this::remove);
        });
    }

    /**
     * Unloads a version when it has answered its requests, and waits for that. If it was served, no version of the name is, until
     * {@link #serve} or {@link #load} say which.
     *
     * @throws IllegalArgumentException if it is not loaded
     */
    public void unload(String name, String version) {
        change(() -> remove(require("unload", name, version)));
    }

    /**
     * Unloads all versions of a name, as {@link #unload(String, String)} does. {@link #status} does not miss it.
     *
     * @throws IllegalArgumentException if none is loaded
     */
    public void unload(String name) {
        change(() -> {
            List<Version> loaded = versions.stream()
                    .filter(version -> version.name().equals(name))
                    .toList();
            if (loaded.isEmpty()) {
                throw new IllegalArgumentException(Errors.noneLoaded(name, versions));
            }
            route(name).dismiss();
            loaded.forEach(this::remove);
        });
    }

    private void remove(Version version) {
        Route route = route(version.name());
        Route.Targets now = route.targets();
        if (now != null && now.serving() == version) {
            route.lead(null);
        } else if (now != null && now.canary() == version) {
            route.lead(new Route.Targets(now.serving(), null, 0));
        }
        version.retire();
        versions.remove(version);
    }

    /**
     * Answers requests for a name, whatever versions are served now and later. It refuses them while none is.
     *
     * @throws IllegalArgumentException if no version of the name was ever loaded
     */
    public Service service(String name) {
        return route(name);
    }

    /**
     * Uses the version that is to answer the next request for a name: {@code models.with("digits", served ->
     * served.service().submit(samples))}. It stays loaded meanwhile, and until the requests are answered that were made.
     *
     * @throws IllegalArgumentException if no version of the name was ever loaded
     * @throws RefusedException if none is served
     */
    public <T> T with(String name, Function<Served, T> what) {
        return route(name).with(Given.require("with", "the function", what));
    }

    /**
     * Uses a version.
     *
     * @throws IllegalArgumentException if it is not loaded
     */
    public <T> T with(String name, String version, Function<Served, T> what) {
        return only("with", name, version).with(Given.require("with", "the function", what));
    }

    /**
     * What a version has done.
     *
     * @throws IllegalArgumentException if it is not loaded
     */
    public Statistics statistics(String name, String version) {
        return require("statistics", name, version).statistics();
    }

    /**
     * Answers requests by one version, until it is unloaded.
     *
     * @throws IllegalArgumentException if it is not loaded
     */
    public Service service(String name, String version) {
        return only("service", name, version);
    }

    private Route only(String call, String name, String version) {
        Route only = new Route(name + " " + version);
        only.lead(new Route.Targets(require(call, name, version), null, 0));
        return only;
    }

    /** What is loaded. Of a version that another one of its number has replaced, only the new one. */
    public List<Loaded> list() {
        return versions.stream()
                .filter(version -> find(version.name(), version.number()) == version)
                .map(this::describe)
                .toList();
    }

    private Loaded describe(Version version) {
        return new Loaded(
                version.name(), version.number(), route(version.name()).percent(version), version.bytes());
    }

    /** Whether every name that was loaded is served, but for those that were unloaded as a whole or evicted; not while this is closing. */
    public Status status() {
        boolean live = versions.stream().allMatch(Version::isLive);
        boolean served = routes.values().stream().noneMatch(Route::isMissing);
        return new Status(live, live && served && !closed, closed && !versions.isEmpty());
    }

    /** What all gRPC servers of these models answer, which have no page for it: that of an HTTP server, {@code /metrics}, shows it. */
    public Answers<String> overGrpc() {
        return overGrpc;
    }

    /** Refuses further requests, answers those that wait, and closes all models. Closing again does nothing. */
    @Override
    public void close() {
        closed = true;
        locked(() -> {
            routes.values().forEach(route -> route.lead(null));
            versions.forEach(this::remove);
        });
    }

    private void change(Runnable what) {
        locked(() -> {
            if (closed) {
                throw new IllegalStateException(Errors.modelsClosed());
            }
            what.run();
        });
    }

    private void locked(Runnable what) {
        versions.forEach(version -> version.batcher().requireNoWorker());
        lock.lock();
        try {
            what.run();
        } finally {
            lock.unlock();
        }
    }

    private Route route(String name) {
        Route route = routes.get(Given.require("service", "the name", name));
        if (route == null) {
            throw new IllegalArgumentException(Errors.unknown(name, new TreeSet<>(routes.keySet())));
        }
        return route;
    }

    /** The one that was loaded last: what it replaces may still answer its last requests. */
    private @Nullable Version find(String name, String version) {
        return versions.stream()
                .filter(loaded -> loaded.name().equals(name) && loaded.number().equals(version))
                .reduce((replaced, newer) -> newer)
                .orElse(null);
    }

    private Version require(String call, String name, String version) {
        Given.require(call, "the name", name);
        Given.require(call, "the version", version);
        Version found = find(name, version);
        if (found == null) {
            throw new IllegalArgumentException(Errors.unknown(call, name, version, versions));
        }
        return found;
    }
}
