package dev.fluxion.serving.http;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

/**
 * A reply that comes later.
 *
 * @param reply the reply, or why there is none
 * @param work what it waits for, which need not be done if the client is gone
 */
record Later(CompletableFuture<Reply> reply, Future<?> work) {
    static Later now(Reply reply) {
        CompletableFuture<Reply> there = CompletableFuture.completedFuture(reply);
        return new Later(there, there);
    }
}
