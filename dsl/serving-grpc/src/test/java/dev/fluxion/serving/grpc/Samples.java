package dev.fluxion.serving.grpc;

import static dev.fluxion.dsl.layer.Layers.*;

import dev.fluxion.Input;
import dev.fluxion.Layer;
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
    static GrpcLimits patient() {
        return GrpcLimits.defaults().call(Duration.ofHours(1));
    }

    /** A server of this machine alone. */
    static GrpcServer local(Models models) {
        return GrpcServer.of(models).host("127.0.0.1").port(0).limits(patient());
    }

    static Batching batching(ServingListener listener) {
        return Batching.defaults().maxBatch(8).queue(64).threadsPerWorker(1).listener(listener);
    }

    static Source source(Model model) {
        return Source.of(() -> model).batching(batching(ServingListener.NONE));
    }

    /** Twice the numbers of 8. */
    static Model twice() {
        return Model.of(TWICE, 8);
    }

    /** {@code twice} of 8 numbers, {@code integers} as they are and twice, {@code varies} of 2×T numbers up to 2×8. */
    static Models models() {
        Models models = Models.of(Limits.none());
        models.load("twice", "1", source(twice()));
        Layer integers = layer("integers()", (scope, x) -> {
            scope.output("twice", x.add(x));
            return x.toFloat();
        });
        models.load("integers", "3", source(Model.of(integers, Input.ints("ids", 4))));
        models.load(
                "varies",
                "1",
                source(Model.of(TWICE, Input.floats("x", 2, 8).varies(0, "R").varies(1, "T"))));
        return models;
    }
}
