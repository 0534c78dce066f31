package dev.fluxion.serving.http;

import dev.fluxion.serving.protocol.Catalog;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import tools.jackson.core.JsonGenerator;

/** What operators do: list, load and unload models. */
final class Operations {
    private final Catalog catalog;

    Operations(Catalog catalog) {
        this.catalog = catalog;
    }

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
        List<Catalog.Line> lines = catalog.index(onlyReady[0]);
        return Reply.json(Json.writeValue(json -> {
            json.writeStartArray();
            lines.forEach(line -> write(json, line));
            json.writeEndArray();
        }));
    }

    private static void write(JsonGenerator json, Catalog.Line line) {
        json.writeStartObject();
        json.writeStringProperty("name", line.name());
        json.writeStringProperty("version", line.version());
        json.writeStringProperty("state", line.state());
        json.writeStringProperty("reason", line.reason());
        json.writeEndObject();
    }

    /** Loads the latest version in the repository. */
    Later<Void> load(Ask ask, String name) {
        boolean[] parameters = {false};
        if (ask.body().hasRemaining()) {
            Json.object(ask.bytes(), (field, value) -> {
                if (field.equals("parameters")) {
                    parameters[0] = !Json.parameters(field, value).isEmpty();
                }
                value.skipChildren();
            });
        }
        return later(catalog.load(name, parameters[0]));
    }

    /** Unloads all versions of a name. */
    Later<Void> unload(String name) {
        return later(catalog.unload(name));
    }

    private static Later<Void> later(CompletableFuture<Void> work) {
        return new Later<>(work, done -> Reply.json(new byte[0]));
    }
}
