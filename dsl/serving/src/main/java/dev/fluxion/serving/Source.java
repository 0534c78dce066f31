package dev.fluxion.serving;

import dev.fluxion.dsl.train.Model;
import dev.fluxion.ir.Given;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * Where a model comes from, and how it is served: {@code Source.of(Path.of("digits.fluxion"))}, or {@code Source.of(() ->
 * Model.of(net, 784))}.
 *
 * @param model makes the model, which is closed when it is unloaded
 * @param batching how its requests are put together
 */
public record Source(Supplier<Model> model, Batching batching) {
    /** Checks that both are there. */
    public Source {
        Given.require("Source", "the model", model);
        Given.require("Source", "the options", batching);
    }

    /** A model with the default options. */
    public static Source of(Supplier<Model> model) {
        return new Source(model, Batching.defaults());
    }

    /**
     * A model in a file that {@link Model#export(Path)} wrote, with the default options. If the file cannot be read, loading throws an
     * {@link UncheckedIOException}.
     */
    public static Source of(Path file) {
        Given.require("Source", "the file", file);
        return of(() -> {
            try {
                return Model.open(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** Other options. */
    public Source batching(Batching options) {
        return new Source(model, options);
    }
}
