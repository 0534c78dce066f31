package dev.fluxion.serving;

import java.util.function.Function;

/**
 * A future that waits for a request.
 *
 * @param answer the future
 * @param samples the samples
 * @param result what is wanted of them
 */
record Promise<T>(Answer<T> answer, Samples samples, Function<Samples, T> result) implements Outcome {
    @Override
    public boolean isAbandoned() {
        return answer.isDone();
    }

    @Override
    public void answered() {
        answer.give(result.apply(samples));
    }

    @Override
    public void failed(Throwable why) {
        answer.fail(why);
    }
}
