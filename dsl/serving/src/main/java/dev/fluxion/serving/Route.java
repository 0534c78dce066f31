package dev.fluxion.serving;

import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Leads the requests for a name to its versions. Each request is answered by one of them. */
final class Route implements Service {
    /** Of a hundred requests that follow each other, each has another remainder, and those below a bound lie far apart. */
    private static final int STEP = 37;

    private static final int ALL = 100;

    private final String name;
    private final AtomicInteger requests = new AtomicInteger();
    /** Nobody has wanted it to be served yet. */
    private volatile State state = State.DISMISSED;

    /**
     * Where requests go, and whether that is as it should be, which change together.
     *
     * @param targets where they go; null if nowhere
     * @param dismissed nobody wants them to go anywhere
     */
    private record State(@Nullable Targets targets, boolean dismissed) {
        private static final State DISMISSED = new State(null, true);
    }

    /**
     * Where requests go.
     *
     * @param serving the version that most go to
     * @param canary another one
     * @param percent how many of a hundred go to it
     */
    record Targets(Version serving, @Nullable Version canary, int percent) {}

    /** How many of a hundred requests go to a version. */
    int percent(Version version) {
        Targets now = targets();
        if (now == null) {
            return 0;
        }
        return (now.serving() == version ? ALL - now.percent() : 0) + (now.canary() == version ? now.percent() : 0);
    }

    Route(String name) {
        this.name = name;
    }

    @Nullable
    Targets targets() {
        return state.targets();
    }

    /** Leads requests elsewhere; nowhere if there are no targets. */
    void lead(@Nullable Targets to) {
        state = new State(to, false);
    }

    /** Leads requests nowhere, as is wanted. */
    void dismiss() {
        state = State.DISMISSED;
    }

    /** Whether requests are not answered that should be. */
    boolean isMissing() {
        State now = state;
        return now.targets() == null && !now.dismissed();
    }

    @Override
    public CompletableFuture<Tensor> submit(Tensor samples, Terms terms) {
        return later(served -> served.service().submit(samples, terms));
    }

    @Override
    public CompletableFuture<Tensors> submit(Tensors inputs, Terms terms) {
        return later(served -> served.service().submit(inputs, terms));
    }

    @Override
    public Tensor predict(Tensor samples, Terms terms) {
        return with(served -> served.service().predict(samples, terms));
    }

    @Override
    public Tensors predict(Tensors inputs, Terms terms) {
        return with(served -> served.service().predict(inputs, terms));
    }

    private <T> CompletableFuture<T> later(Function<Served, CompletableFuture<T>> what) {
        try {
            return with(what);
        } catch (RefusedException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Uses the version that is to answer the next request. */
    <T> T with(Function<Served, T> what) {
        Targets tried = null;
        for (Targets now = targets(); now != null && now != tried; now = targets()) {
            Version version = choose(now);
            if (version.use()) {
                try {
                    return what.apply(version.served());
                } finally {
                    version.release();
                }
            }
            // It was retired after requests had been led elsewhere.
            tried = now;
        }
        throw Errors.notServed(name);
    }

    private Version choose(Targets now) {
        if (now.canary() == null) {
            return now.serving();
        }
        int turn = Math.floorMod(requests.getAndIncrement(), ALL) * STEP % ALL;
        return turn < now.percent() ? now.canary() : now.serving();
    }
}
