package dev.fluxion.serving;

import dev.fluxion.Input;
import dev.fluxion.ir.Given;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Answers one sample at a time, in the caller's terms: {@code Predictor.of(service, 784).map(Image::pixels, Scores::of)}. Any number
 * of threads may ask.
 *
 * @param <I> what is asked
 * @param <O> what is answered
 */
public interface Predictor<I, O> {
    /**
     * The result for an input, which the calling thread computes if nobody waits, else waits for.
     *
     * @throws IllegalArgumentException if the input does not fit
     * @throws RefusedException if it is not computed
     */
    O predict(I input);

    /** The same later; the future fails as {@link #predict} would. */
    CompletableFuture<O> submit(I input);

    /**
     * Arrays in, arrays out, for a service whose model has one floating-point input and whose result has floating-point numbers.
     *
     * @param sample the extents of a sample; arrays have as many elements, row-major
     */
    static Predictor<float[], float[]> of(Service service, int... sample) {
        Given.require("Predictor", "the service", service);
        Given.require("Predictor", "the extents", sample);
        return new FloatPredictor(service, Input.floats("sample", sample).batched(1));
    }

    /** The same with a conversion before it and one behind it. The latter runs on the thread that computes. */
    default <J, P> Predictor<J, P> map(
            Function<? super J, ? extends I> before, Function<? super O, ? extends P> after) {
        Given.require("map", "the conversion before", before);
        Given.require("map", "the conversion after", after);
        Predictor<I, O> inner = this;
        return new Predictor<>() {
            @Override
            public P predict(J input) {
                return after.apply(inner.predict(before.apply(input)));
            }

            @Override
            public CompletableFuture<P> submit(J input) {
                return inner.submit(before.apply(input)).thenApply(after);
            }
        };
    }
}
