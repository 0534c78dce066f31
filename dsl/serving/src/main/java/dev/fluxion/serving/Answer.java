package dev.fluxion.serving;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * A future on which the workers that complete it do not wait: it says so, where they would wait for ever. If others end it, however they
 * do, the dispatcher hears of it, so that what nobody wants is not computed.
 */
final class Answer<T> extends CompletableFuture<T> {
    private final Dispatcher dispatcher;

    Answer(Dispatcher dispatcher) {
        this.dispatcher = dispatcher;
    }

    /** Gives the answer. */
    void give(T value) {
        super.complete(value);
    }

    /** Says why there is none. */
    void fail(Throwable why) {
        super.completeExceptionally(why);
    }

    // What others end is not to be computed.

    @Override
    public boolean complete(T value) {
        return abandoned(super.complete(value));
    }

    @Override
    public boolean completeExceptionally(Throwable why) {
        return abandoned(super.completeExceptionally(why));
    }

    @Override
    public boolean cancel(boolean mayInterrupt) {
        return abandoned(super.cancel(mayInterrupt));
    }

    @Override
    public CompletableFuture<T> completeAsync(Supplier<? extends T> value, Executor executor) {
        executor.execute(() -> {
            try {
                if (!isDone()) {
                    complete(value.get());
                }
            } catch (RuntimeException | Error e) {
                completeExceptionally(e);
            }
        });
        return this;
    }

    @Override
    public void obtrudeValue(T value) {
        super.obtrudeValue(value);
        dispatcher.abandons();
    }

    @Override
    public void obtrudeException(Throwable why) {
        super.obtrudeException(why);
        dispatcher.abandons();
    }

    private boolean abandoned(boolean ended) {
        if (ended) {
            dispatcher.abandons();
        }
        return ended;
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new Answer<>(dispatcher);
    }

    /** Somebody is going to wait: not a worker, and not for the end of a burst. */
    private void begins() {
        if (!isDone()) {
            if (Worker.isCurrent(dispatcher)) {
                throw new IllegalStateException(Errors.waitsOnWorker());
            }
            dispatcher.wake();
        }
    }

    @Override
    public T get() throws InterruptedException, ExecutionException {
        begins();
        return super.get();
    }

    @Override
    public T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        begins();
        return super.get(timeout, unit);
    }

    @Override
    public T join() {
        begins();
        return super.join();
    }
}
