package dev.fluxion.serving;

import java.util.concurrent.atomic.AtomicInteger;

/** A thread that computes batches until its batcher is closed and nothing waits. */
final class Worker extends Thread {
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    private final Dispatcher dispatcher;
    private final Computation computation;

    private Worker(Dispatcher dispatcher, Computation computation) {
        super(null, null, "fluxion-serving-" + NUMBERS.incrementAndGet(), 0, false);
        this.dispatcher = dispatcher;
        this.computation = computation;
        setDaemon(true);
        setContextClassLoader(null);
    }

    /** A thread that works. */
    static Worker started(Dispatcher dispatcher, Computation computation) {
        Worker worker = new Worker(dispatcher, computation);
        worker.start();
        return worker;
    }

    /** Whether the calling thread is one of these. */
    static boolean isCurrent(Dispatcher dispatcher) {
        return Thread.currentThread() instanceof Worker worker && worker.dispatcher == dispatcher;
    }

    @Override
    public void run() {
        Turn turn = new Turn();
        while (dispatcher.take(turn)) {
            turn.over.forEach(computation::refuseOver);
            turn.over.clear();
            if (!turn.batch.isEmpty()) {
                try {
                    computation.batch(turn.batch, turn.slots);
                } finally {
                    dispatcher.leave(turn.slots);
                }
                turn.batch.clear();
            }
        }
    }
}
