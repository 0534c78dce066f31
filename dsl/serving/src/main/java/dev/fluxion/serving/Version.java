package dev.fluxion.serving;

import dev.fluxion.dsl.train.Model;
import dev.fluxion.ir.Given;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/** A loaded version of a model. It is closed when nobody uses it any more. */
final class Version {
    private static final long RETIRED = Long.MIN_VALUE;

    private final String name;
    private final String number;
    private final Model model;
    private final Batcher batcher;
    private final Counter counter;
    private final Served served;
    /** How many calls use it; a negative number once it is retired. */
    private final AtomicLong users = new AtomicLong();

    private final CountDownLatch unused = new CountDownLatch(1);
    private volatile long lastUse = System.nanoTime();

    private Version(Model model, Batcher batcher, Counter counter, Served served) {
        this.name = served.name();
        this.number = served.version();
        this.model = model;
        this.batcher = batcher;
        this.counter = counter;
        this.served = served;
    }

    /** Loads a model and warms it up. If that fails, nothing is left. */
    static Version load(String name, String number, Source source) {
        Model model = Given.require(
                "load", "what the source of " + name + " makes", source.model().get());
        Batcher batcher = null;
        try {
            Counter counter = new Counter(source.batching().listener());
            batcher = Batcher.of(model, source.batching().listener(counter));
            Served served = new Served(name, number, model.signature(), source.batching(), batcher);
            return new Version(model, batcher.warmUp(), counter, served);
        } catch (RuntimeException | Error e) {
            if (batcher != null) {
                batcher.close();
            }
            model.close();
            throw e;
        }
    }

    String name() {
        return name;
    }

    String number() {
        return number;
    }

    Batcher batcher() {
        return batcher;
    }

    /** What callers may know of it. */
    Served served() {
        return served;
    }

    /** What it has done. */
    Statistics statistics() {
        return counter.statistics(batcher.waiting());
    }

    /** The native memory that it holds, in bytes. */
    long bytes() {
        return batcher.memory().bytes();
    }

    /** For how long nobody has used it. */
    long idleNanos() {
        return System.nanoTime() - lastUse;
    }

    /** Whether the threads are there that compute for it. Those of a version that is unloaded have ended, as they should. */
    boolean isLive() {
        return batcher.status().live() || users.get() < 0;
    }

    boolean isUsed() {
        return users.get() != 0 || batcher.waiting() > 0;
    }

    /** Begins to use it, unless it is retired; {@link #release} ends that. */
    boolean use() {
        long now = users.get();
        while (now >= 0) {
            if (users.compareAndSet(now, now + 1)) {
                return true;
            }
            now = users.get();
        }
        return false;
    }

    void release() {
        lastUse = System.nanoTime();
        if (users.decrementAndGet() == RETIRED) {
            unused.countDown();
        }
    }

    /** Lets nobody else use it, waits until all requests are answered, and closes it. It is for one thread. */
    void retire() {
        if (users.getAndAdd(RETIRED) > 0) {
            awaitUnused();
        }
        batcher.close();
        model.close();
    }

    private void awaitUnused() {
        boolean interrupted = false;
        while (unused.getCount() > 0) {
            try {
                unused.await();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return name + " " + number;
    }
}
