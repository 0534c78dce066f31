package dev.fluxion.serving.grpc;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

/**
 * A reply that comes later.
 *
 * @param reply the reply, or why there is none
 * @param work what it waits for, which need not be done if the client is gone
 */
record Later(CompletableFuture<byte[]> reply, Future<?> work) {
    static Later now(byte[] reply) {
        CompletableFuture<byte[]> there = CompletableFuture.completedFuture(reply);
        return new Later(there, there);
    }

    static Later failed(Throwable why) {
        CompletableFuture<byte[]> none = CompletableFuture.failedFuture(why);
        return new Later(none, none);
    }
}
