package dev.fluxion.serving.http;

import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A reply that comes later.
 *
 * @param work what it waits for, which need not be done if the client is gone
 * @param reply makes it of what the work gives
 */
record Later<T>(CompletableFuture<T> work, Function<T, Reply> reply) {
    static Later<Reply> now(Reply reply) {
        return new Later<>(CompletableFuture.completedFuture(reply), there -> there);
    }

    static Later<Reply> failed(Throwable why) {
        return new Later<>(CompletableFuture.failedFuture(why), there -> there);
    }

    /** Gives somebody, in a thread, what makes the reply, or one that says why there is none. */
    @SuppressWarnings("FutureReturnValueIgnored") // of what nobody waits for
    void in(EventExecutor thread, Consumer<Supplier<Reply>> to) {
        work.whenComplete((result, failure) -> {
            Supplier<Reply> made = () -> made(result, failure);
            if (thread.inEventLoop()) {
                to.accept(made);
            } else {
                thread.execute(() -> to.accept(made));
            }
        });
    }

    private Reply made(T result, @Nullable Throwable failure) {
        if (failure != null) {
            return Failure.of(failure);
        }
        try {
            return reply.apply(result);
        } catch (RuntimeException | Error e) {
            return Failure.of(e);
        }
    }
}
