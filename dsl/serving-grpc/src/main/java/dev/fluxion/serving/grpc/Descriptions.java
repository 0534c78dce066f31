package dev.fluxion.serving.grpc;

import dev.fluxion.Input;
import dev.fluxion.dsl.train.Signature;
import dev.fluxion.ir.DType;
import dev.fluxion.serving.Models;
import dev.fluxion.serving.Served;
import dev.fluxion.serving.Statistics;
import dev.fluxion.serving.protocol.About;
import dev.fluxion.serving.protocol.Catalog;
import dev.fluxion.serving.protocol.DataType;
import java.util.List;
import java.util.stream.Stream;

/** What the server tells of itself and of its models. */
final class Descriptions {
    /** What Triton calls its element types and processors. */
    private static final int TYPE_FP32 = 11;

    private static final int TYPE_INT32 = 8;
    private static final int KIND_CPU = 2;

    private Descriptions() {}

    static byte[] server() {
        return WireWriter.write(out -> {
            out.text(1, About.NAME);
            out.text(2, About.VERSION);
            Stream.of("statistics", "model_configuration", "model_repository").forEach(name -> out.text(3, name));
        });
    }

    static byte[] model(Served served, List<Models.Loaded> loaded) {
        return WireWriter.write(out -> {
            out.text(1, served.name());
            loaded.forEach(version -> out.text(2, version.version()));
            out.text(3, About.NAME);
            for (Input input : served.signature().inputs()) {
                out.message(4, tensor -> tensor(input.name(), input.type(), About.extents(input), tensor));
            }
            for (Signature.Output output : served.signature().outputs()) {
                out.message(5, tensor -> tensor(output.name(), output.type(), output.extents(), tensor));
            }
        });
    }

    private static void tensor(String name, DType type, List<Integer> extents, WireWriter out) {
        out.text(1, name);
        out.text(2, DataType.of(type).name());
        out.integers(3, extents);
    }

    /** As Triton describes a model: extents without the batch axis. */
    static byte[] config(Served served) {
        return WireWriter.write(out -> out.message(1, config -> config(served, config)));
    }

    private static void config(Served served, WireWriter out) {
        out.text(1, served.name());
        out.text(2, About.NAME);
        out.integer(4, served.batching().maxBatch());
        for (Input input : served.signature().inputs()) {
            out.message(5, tensor -> sample(input.name(), input.type(), 4, About.extents(input), tensor));
        }
        for (Signature.Output output : served.signature().outputs()) {
            out.message(6, tensor -> sample(output.name(), output.type(), 3, output.extents(), tensor));
        }
        out.message(7, group -> {
            group.integer(2, served.batching().workers());
            group.integer(4, KIND_CPU);
        });
        out.message(
                11, batching -> batching.integer(2, served.batching().maxDelay().toNanos() / 1000));
        out.text(17, About.NAME);
        out.message(19, policy -> policy.flag(1, false));
    }

    private static void sample(String name, DType type, int field, List<Integer> extents, WireWriter out) {
        out.text(1, name);
        out.integer(2, type == DType.FLOAT ? TYPE_FP32 : TYPE_INT32);
        out.integers(field, extents.subList(1, extents.size()));
    }

    static byte[] statistics(Models models, List<Models.Loaded> which) {
        return WireWriter.write(out -> which.forEach(loaded -> {
            try {
                Statistics done = models.statistics(loaded.name(), loaded.version());
                out.message(1, one -> statistics(loaded, done, one));
            } catch (IllegalArgumentException e) {
                // It was unloaded meanwhile.
            }
        }));
    }

    private static void statistics(Models.Loaded loaded, Statistics done, WireWriter out) {
        out.text(1, loaded.name());
        out.text(2, loaded.version());
        out.integer(3, done.last().toEpochMilli());
        out.integer(4, done.samples());
        out.integer(5, done.executions());
        out.message(6, all -> {
            duration(1, done.answered(), done.queueNanos() + done.computeNanos(), all);
            duration(2, done.failures(), 0, all);
            duration(3, done.answered(), done.queueNanos(), all);
            duration(4, done.answered(), 0, all);
            duration(5, done.answered(), done.computeNanos(), all);
            duration(6, done.answered(), 0, all);
            duration(7, 0, 0, all);
            duration(8, 0, 0, all);
        });
        done.batches()
                .forEach((size, batches) -> out.message(7, batch -> {
                    batch.integer(1, size);
                    duration(2, batches.count(), 0, batch);
                    duration(3, batches.count(), batches.nanos(), batch);
                    duration(4, batches.count(), 0, batch);
                }));
    }

    private static void duration(int field, long count, long nanos, WireWriter out) {
        out.message(field, duration -> {
            duration.integer(1, count);
            duration.integer(2, nanos);
        });
    }

    static byte[] index(List<Catalog.Line> lines) {
        return WireWriter.write(out -> lines.forEach(line -> out.message(1, one -> {
            one.text(1, line.name());
            one.text(2, line.version());
            one.text(3, line.state());
            one.text(4, line.reason());
        })));
    }
}
