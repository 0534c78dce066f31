package dev.fluxion.data;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Walks over the batches of an epoch. Some are made ahead by threads that all loaders share; they end when there is nothing to do. As a
 * batch is asked for only when one is taken, nothing runs on when a walk is given up.
 */
final class Batches implements Iterator<Batch> {
    private static final ThreadPoolExecutor WORKERS = workers();

    private final Epoch epoch;
    private final Queue<Future<Batch>> ahead = new ArrayDeque<>();
    private int next;
    private int asked;

    /** A thread that makes batches; it waits for no others. */
    private static final class Worker extends Thread {
        Worker(Runnable task) {
            super(null, task, "fluxion-data", 0, false);
            setDaemon(true);
        }
    }

    Batches(Epoch epoch, int from) {
        this.epoch = epoch;
        this.next = from;
        this.asked = from;
        int room = Thread.currentThread() instanceof Worker ? 0 : epoch.prefetch();
        for (int i = 0; i < room; i++) {
            ask();
        }
    }

    private static ThreadPoolExecutor workers() {
        int count = Runtime.getRuntime().availableProcessors();
        ThreadPoolExecutor pool =
                new ThreadPoolExecutor(count, count, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), Worker::new);
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    private void ask() {
        if (asked < epoch.size()) {
            int index = asked++;
            ahead.add(WORKERS.submit(() -> epoch.batch(index)));
        }
    }

    @Override
    public boolean hasNext() {
        return next < epoch.size();
    }

    @Override
    public Batch next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        int index = next++;
        Future<Batch> made = ahead.poll();
        if (made == null) {
            return epoch.batch(index);
        }
        ask();
        return await(made);
    }

    private static Batch await(Future<Batch> made) {
        try {
            return made.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(Errors.interrupted(), e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException thrown) {
                throw thrown;
            }
            if (e.getCause() instanceof Error thrown) {
                throw thrown;
            }
            throw new IllegalStateException(e.getCause());
        }
    }
}
