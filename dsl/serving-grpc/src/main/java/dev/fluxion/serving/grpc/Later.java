package dev.fluxion.serving.grpc;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * A reply that comes later.
 *
 * @param work what it waits for, which need not be done if the client is gone
 * @param reply makes it of what the work gives
 */
record Later<T>(CompletableFuture<T> work, Function<T, byte[]> reply) {
    static Later<byte[]> now(byte[] reply) {
        return new Later<>(CompletableFuture.completedFuture(reply), there -> there);
    }

    static Later<byte[]> failed(Throwable why) {
        return new Later<>(CompletableFuture.failedFuture(why), none -> none);
    }

    /** The reply, or why there is none; both come in a thread of the executor. */
    CompletableFuture<byte[]> in(Executor executor) {
        return work.handleAsync(
                (result, failure) -> {
                    if (failure != null) {
                        throw new CompletionException(failure);
                    }
                    return reply.apply(result);
                },
                executor);
    }
}
