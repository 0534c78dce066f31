package dev.fluxion.serving.http;

import dev.fluxion.Tensors;
import dev.fluxion.serving.Models;
import dev.fluxion.serving.protocol.Catalog;
import dev.fluxion.serving.protocol.Guard;
import dev.fluxion.serving.protocol.Rules;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The endpoints by their paths. */
final class Endpoints {
    private static final String GET = "GET";
    private static final String POST = "POST";

    private final Server server;
    private final Models models;
    private final BooleanSupplier ready;
    private final Metrics metrics;
    private final Catalog catalog;
    private final Operations operations;
    private final Guard guard;

    Endpoints(Server server, BooleanSupplier ready, Metrics metrics, Catalog catalog) {
        this.server = server;
        this.models = server.models();
        this.ready = ready;
        this.metrics = metrics;
        this.catalog = catalog;
        this.operations = new Operations(catalog);
        this.guard = new Guard(server.token());
    }

    /**
     * Answers a request.
     *
     * @throws RuntimeException if there is no answer; {@link Failure} knows which it is then
     */
    Later<?> answer(Ask ask) {
        List<String> path = ask.path();
        String first = path.isEmpty() ? "" : path.get(0);
        requireToken(path, ask.header(HttpHeaderNames.AUTHORIZATION));
        if (isHealth(path)) {
            return health(ask, path.get(2));
        }
        String page = page(path);
        if (page != null) {
            return get(ask, Reply.text("text/html; charset=utf-8", page));
        }
        if (path.size() == 1 && first.equals("metrics")) {
            return get(ask, metrics.reply());
        }
        if (!first.equals("v2")) {
            throw Errors.noPath();
        }
        if (path.size() == 1) {
            return get(ask, Descriptions.server());
        }
        List<String> rest = path.subList(2, path.size());
        return switch (path.get(1)) {
            case "models" -> models(ask, rest);
            case "repository" -> repository(ask, rest);
            default -> throw Errors.noPath();
        };
    }

    /** Whether there is anything that needs a token. */
    boolean hasToken() {
        return server.token() != null;
    }

    /** Requires the token where one is needed: everywhere but for health. */
    void requireToken(List<String> path, @Nullable String authorization) {
        if (!guard.admits(authorization) && !isHealth(path)) {
            throw Errors.unauthorized();
        }
    }

    /** Whether a path asks whether the server is alive or ready. */
    static boolean isHealth(List<String> path) {
        return path.size() == 3 && path.get(0).equals("v2") && path.get(1).equals("health");
    }

    private @Nullable String page(List<String> path) {
        Map<String, String> pages = server.pages();
        return pages.isEmpty() ? null : pages.get("/" + String.join("/", path));
    }

    private static Later<Reply> get(Ask ask, Reply reply) {
        ask.require(GET);
        return Later.now(reply);
    }

    private Later<Reply> health(Ask ask, String what) {
        return switch (what) {
            case "live" -> get(ask, Descriptions.state("live", models.status().live()));
            case "ready" -> get(ask, Descriptions.state("ready", ready.getAsBoolean()));
            default -> throw Errors.noPath();
        };
    }

    private Later<?> models(Ask ask, List<String> path) {
        if (path.isEmpty()) {
            throw Errors.noPath();
        }
        if (path.size() == 1 && path.get(0).equals("stats")) {
            return get(ask, Descriptions.statistics(models, models.list()));
        }
        boolean versioned = path.size() > 2 && path.get(1).equals("versions");
        int actionAt = versioned ? 3 : 1;
        if (path.size() > actionAt + 1) {
            throw Errors.noPath();
        }
        String action = path.size() > actionAt ? path.get(actionAt) : "";
        return model(ask, path.get(0), versioned ? path.get(2) : null, action);
    }

    private Later<?> model(Ask ask, String name, @Nullable String version, String action) {
        return switch (action) {
            case "" ->
                get(
                        ask,
                        catalog.with(
                                name, version, served -> Descriptions.model(served, catalog.versions(served.name()))));
            case "ready" -> get(ask, catalog.with(name, version, Descriptions::modelReady));
            case "config" -> get(ask, catalog.with(name, version, Descriptions::config));
            case "stats" -> get(ask, Descriptions.statistics(models, catalog.versions(name, version)));
            case "infer" -> infer(ask, name, version);
            default -> throw Errors.noPath();
        };
    }

    private Later<Tensors> infer(Ask ask, String name, @Nullable String version) {
        ask.require(POST);
        return catalog.with(name, version, served -> {
            InferRequest request = ask.reader().read(served.signature(), ask.body(), ask.header(Reply.JSON_LENGTH));
            Form form = request.form();
            Rules.room(served.signature(), request.inputs(), served.batching());
            return new Later<>(served.service().submit(request.inputs(), form.terms(ask.burst())), outputs -> {
                form.giveBack(request.inputs());
                return ResponseWriter.write(served, form, outputs);
            });
        });
    }

    private Later<?> repository(Ask ask, List<String> path) {
        if (path.equals(List.of("index"))) {
            ask.require(POST);
            return Later.now(operations.index(ask));
        }
        if (path.size() == 3 && path.get(0).equals("models")) {
            String name = path.get(1);
            ask.require(POST);
            return switch (path.get(2)) {
                case "load" -> operations.load(ask, name);
                case "unload" -> operations.unload(name);
                default -> throw Errors.noPath();
            };
        }
        throw Errors.noPath();
    }
}
