package dev.fluxion.serving.http;

import dev.fluxion.Input;
import dev.fluxion.dsl.train.Signature;
import dev.fluxion.serving.Models;
import dev.fluxion.serving.Refusal;
import dev.fluxion.serving.Served;
import dev.fluxion.serving.Statistics;
import dev.fluxion.serving.protocol.About;
import dev.fluxion.serving.protocol.DataType;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.core.JsonGenerator;

/** What the server tells of itself and of its models. */
final class Descriptions {
    private static final String NAME = "name";
    private static final String SHAPE = "shape";
    private static final String COUNT = "count";
    private static final int NO = 400;

    private Descriptions() {}

    static Reply server() {
        return Reply.json(Json.write(json -> {
            json.writeStringProperty(NAME, About.NAME);
            json.writeStringProperty("version", About.VERSION);
            json.writeArrayPropertyStart("extensions");
            Stream.of("binary_tensor_data", "statistics", "model_configuration", "model_repository")
                    .forEach(json::writeString);
            json.writeEndArray();
        }));
    }

    /** Yes, or no with the status that the protocol wants. */
    static Reply state(String name, boolean holds) {
        Reply reply = Reply.json(Json.write(json -> json.writeBooleanProperty(name, holds)));
        return holds ? reply : reply.status(NO);
    }

    static Reply modelReady(Served served) {
        return Reply.json(Json.write(json -> {
            json.writeStringProperty(NAME, served.name());
            json.writeBooleanProperty("ready", true);
        }));
    }

    static Reply model(Served served, List<Models.Loaded> loaded) {
        return Reply.json(Json.write(json -> {
            json.writeStringProperty(NAME, served.name());
            json.writeArrayPropertyStart("versions");
            loaded.forEach(version -> json.writeString(version.version()));
            json.writeEndArray();
            json.writeStringProperty("platform", About.NAME);
            json.writeArrayPropertyStart("inputs");
            for (Input input : served.signature().inputs()) {
                tensor(json, input.name(), "datatype", DataType.of(input.type()).name(), SHAPE, About.extents(input));
            }
            json.writeEndArray();
            json.writeArrayPropertyStart("outputs");
            for (Signature.Output output : served.signature().outputs()) {
                String type = DataType.of(output.type()).name();
                tensor(json, output.name(), "datatype", type, SHAPE, output.extents());
            }
            json.writeEndArray();
        }));
    }

    private static void tensor(
            JsonGenerator json, String name, String typeName, String type, String dimsName, List<Integer> extents) {
        int[] dims = extents.stream().mapToInt(Integer::intValue).toArray();
        json.writeStartObject();
        json.writeStringProperty(NAME, name);
        json.writeStringProperty(typeName, type);
        json.writeName(dimsName);
        json.writeArray(dims, 0, dims.length);
        json.writeEndObject();
    }

    /** As Triton describes a model: extents without the batch axis. */
    static Reply config(Served served) {
        return Reply.json(Json.write(json -> {
            json.writeStringProperty(NAME, served.name());
            json.writeStringProperty("platform", About.NAME);
            json.writeStringProperty("backend", About.NAME);
            json.writeNumberProperty("max_batch_size", served.batching().maxBatch());
            json.writeArrayPropertyStart("input");
            for (Input input : served.signature().inputs()) {
                tensor(
                        json,
                        input.name(),
                        "data_type",
                        "TYPE_" + DataType.of(input.type()),
                        "dims",
                        sample(About.extents(input)));
            }
            json.writeEndArray();
            json.writeArrayPropertyStart("output");
            for (Signature.Output output : served.signature().outputs()) {
                tensor(
                        json,
                        output.name(),
                        "data_type",
                        "TYPE_" + DataType.of(output.type()),
                        "dims",
                        sample(output.extents()));
            }
            json.writeEndArray();
            json.writeObjectPropertyStart("dynamic_batching");
            json.writeNumberProperty(
                    "max_queue_delay_microseconds", served.batching().maxDelay().toNanos() / 1000);
            json.writeEndObject();
            json.writeArrayPropertyStart("instance_group");
            json.writeStartObject();
            json.writeStringProperty("kind", "KIND_CPU");
            json.writeNumberProperty(COUNT, served.batching().workers());
            json.writeEndObject();
            json.writeEndArray();
            json.writeObjectPropertyStart("model_transaction_policy");
            json.writeBooleanProperty("decoupled", false);
            json.writeEndObject();
        }));
    }

    private static List<Integer> sample(List<Integer> extents) {
        return extents.subList(1, extents.size());
    }

    static Reply statistics(Models models, List<Models.Loaded> which) {
        return Reply.json(Json.write(json -> {
            json.writeArrayPropertyStart("model_stats");
            which.forEach(loaded -> statistics(json, models, loaded));
            json.writeEndArray();
        }));
    }

    private static void statistics(JsonGenerator json, Models models, Models.Loaded loaded) {
        Statistics done;
        try {
            done = models.statistics(loaded.name(), loaded.version());
        } catch (IllegalArgumentException e) {
            return; // unloaded meanwhile
        }
        json.writeStartObject();
        json.writeStringProperty(NAME, loaded.name());
        json.writeStringProperty("version", loaded.version());
        json.writeNumberProperty("last_inference", done.last().toEpochMilli());
        json.writeNumberProperty("inference_count", done.samples());
        json.writeNumberProperty("execution_count", done.executions());
        json.writeObjectPropertyStart("inference_stats");
        duration(json, "success", done.answered(), done.queueNanos() + done.computeNanos());
        duration(json, "fail", done.failures(), 0);
        duration(json, "queue", done.answered(), done.queueNanos());
        duration(json, "compute_input", done.answered(), 0);
        duration(json, "compute_infer", done.answered(), done.computeNanos());
        duration(json, "compute_output", done.answered(), 0);
        duration(json, "cache_hit", 0, 0);
        duration(json, "cache_miss", 0, 0);
        json.writeEndObject();
        json.writeArrayPropertyStart("batch_stats");
        done.batches().forEach((size, batches) -> {
            json.writeStartObject();
            json.writeNumberProperty("batch_size", size);
            duration(json, "compute_input", batches.count(), 0);
            duration(json, "compute_infer", batches.count(), batches.nanos());
            duration(json, "compute_output", batches.count(), 0);
            json.writeEndObject();
        });
        json.writeEndArray();
        json.writeObjectPropertyStart("refused");
        for (Refusal why : Refusal.values()) {
            json.writeNumberProperty(why.name(), done.refused().getOrDefault(why, 0L));
        }
        json.writeEndObject();
        json.writeEndObject();
    }

    private static void duration(JsonGenerator json, String name, long count, long nanos) {
        json.writeObjectPropertyStart(name);
        json.writeNumberProperty(COUNT, count);
        json.writeNumberProperty("ns", nanos);
        json.writeEndObject();
    }
}
