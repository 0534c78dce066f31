package dev.fluxion.serving;

import java.util.ArrayList;
import java.util.List;

/**
 * Requests that one thread makes at one time. Workers that sleep begin when all are made, or as many as a batch may have, so that
 * these are few large batches:
 *
 * <pre>{@code
 * try (Burst burst = new Burst()) {
 *     samples.forEach(sample -> answers.add(service.submit(sample, terms.in(burst))));
 * }
 * }</pre>
 *
 * <p>Nothing else waits for its end: what {@code get} or {@code join} wait for, and what others ask, begins as ever. It may be used
 * again after its end.
 */
public final class Burst implements AutoCloseable {
    private final List<Dispatcher> asked = new ArrayList<>(1);

    /** No requests. */
    public Burst() {}

    /** One of these waits for it. */
    void asks(Dispatcher dispatcher) {
        if (!asked.contains(dispatcher)) {
            asked.add(dispatcher);
        }
    }

    /** All are made. */
    @Override
    public void close() {
        asked.forEach(Dispatcher::wake);
        asked.clear();
    }
}
