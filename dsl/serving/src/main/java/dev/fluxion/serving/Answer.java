package dev.fluxion.serving;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A future on which the workers that complete it do not wait: it says so, where they would wait for ever. */
final class Answer<T> extends CompletableFuture<T> {
    private final Dispatcher dispatcher;

    Answer(Dispatcher dispatcher) {
        this.dispatcher = dispatcher;
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new Answer<>(dispatcher);
    }

    private void requireNoWorker() {
        if (!isDone() && Worker.isCurrent(dispatcher)) {
            throw new IllegalStateException(Errors.waitsOnWorker());
        }
    }

    @Override
    public T get() throws InterruptedException, ExecutionException {
        requireNoWorker();
        return super.get();
    }

    @Override
    public T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        requireNoWorker();
        return super.get(timeout, unit);
    }

    @Override
    public T join() {
        requireNoWorker();
        return super.join();
    }
}
