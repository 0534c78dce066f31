package dev.fluxion.serving.grpc;

import java.nio.ByteBuffer;
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

    /** The same reply as a field of another message. */
    Later<T> within(int field) {
        return new Later<>(work, result -> {
            byte[] inner = reply.apply(result);
            return WireWriter.write(out -> out.bytes(field, ByteBuffer.wrap(inner)));
        });
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
