package dev.fluxion.serving.http;

import static dev.fluxion.dsl.layer.Layers.*;

import dev.fluxion.Input;
import dev.fluxion.Layer;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.serving.Batching;
import dev.fluxion.serving.Limits;
import dev.fluxion.serving.Models;
import dev.fluxion.serving.ServingListener;
import dev.fluxion.serving.Source;
import java.time.Duration;

/** Small models whose answers are known. */
final class Samples {
    private static final Layer TWICE = layer("twice()", (scope, x) -> x.add(x));

    private Samples() {}

    /** The default limits, but for times, which a machine under load would exceed. */
    static HttpLimits patient() {
        return HttpLimits.defaults().idle(Duration.ofHours(1)).request(Duration.ofHours(1));
    }

    static Batching batching(ServingListener listener) {
        return Batching.defaults()
                .maxBatch(8)
                .queue(64)
                .workers(1)
                .threadsPerWorker(1)
                .listener(listener);
    }

    static Source source(Model model) {
        return Source.of(() -> model).batching(batching(ServingListener.NONE));
    }

    /** Twice the numbers of 8. */
    static Model twice() {
        return Model.of(TWICE, 8);
    }

    /** {@code twice} of 8 numbers, {@code ids} of integers and a mask, {@code varies} of 2×T numbers up to 2×8, {@code first} of integers. */
    static Models models() {
        Models models = Models.of(Limits.none());
        models.load("twice", "1", source(twice()));
        Layer masked = layer("masked()", (scope, x) -> x.add(scope.value("mask")));
        Seq ids = Seq.of(embedding(10, 1), flatten(), masked);
        models.load(
                "ids",
                "3",
                source(Model.of(
                        ids, Input.ints("ids", 4), Input.floats("mask", 4).infinite(true))));
        models.load(
                "varies",
                "1",
                source(Model.of(TWICE, Input.floats("x", 2, 8).varies(0, "R").varies(1, "T"))));
        return models;
    }
}
