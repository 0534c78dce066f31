package dev.fluxion.serving;

import dev.fluxion.dsl.train.Part;
import java.util.function.Function;

/**
 * A future that waits for a request.
 *
 * @param answer the future
 * @param part the samples
 * @param result what is wanted of them
 */
record Promise<T>(Answer<T> answer, Part part, Function<Part, T> result) implements Outcome {
    @Override
    public boolean isAbandoned() {
        return answer.isDone();
    }

    @Override
    public void answered() {
        answer.complete(result.apply(part));
    }

    @Override
    public void failed(Throwable why) {
        answer.completeExceptionally(why);
    }
}
