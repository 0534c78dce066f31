package dev.fluxion.serving.http;

import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
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
        work.whenComplete(new Ended<>(reply, thread, to));
    }

    /** The end of the work: one object for each of its steps. */
    private static final class Ended<T> implements BiConsumer<T, @Nullable Throwable>, Runnable, Supplier<Reply> {
        private final Function<T, Reply> reply;
        private final EventExecutor thread;
        private final Consumer<Supplier<Reply>> to;
        private @Nullable T result;
        private @Nullable Throwable failure;

        Ended(Function<T, Reply> reply, EventExecutor thread, Consumer<Supplier<Reply>> to) {
            this.reply = reply;
            this.thread = thread;
            this.to = to;
        }

        @Override
        public void accept(T what, @Nullable Throwable why) {
            result = what;
            failure = why;
            if (thread.inEventLoop()) {
                run();
            } else {
                thread.execute(this);
            }
        }

        @Override
        public void run() {
            to.accept(this);
        }

        @Override
        public Reply get() {
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
}
