package dev.fluxion.dsl.train;

import dev.fluxion.engine.Program;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The programs of a model's predictions, called by any number of threads. They are bounded in number and in bytes: the
 * least recently used ones are evicted, but for those that were asked for in advance.
 */
final class ProgramPools {
    /** As many as predictions of three kinds, such as choices of outputs or lengths, have sizes at most. */
    private static final int MOST = 96;

    private static final long MOST_BYTES = 1L << 30;

    private final FairSemaphore semaphore;
    private final Map<Key, ProgramPool> pools = new ConcurrentHashMap<>();

    /** The number of compilations: the clock by which the least recently used program is found. */
    private volatile long compilations;

    /** What a program predicts, told from others by {@code equals}, and for which batches. */
    record Key(Object kind, BatchShape shape) {
        @Override
        public boolean equals(@Nullable Object o) {
            return o instanceof Key that && kind.equals(that.kind) && shape.equals(that.shape);
        }

        @Override
        public int hashCode() {
            return 31 * kind.hashCode() + shape.hashCode();
        }
    }

    /** Pools of as many programs as threads may compute, over all kinds of predictions. */
    ProgramPools(FairSemaphore semaphore) {
        this.semaphore = semaphore;
    }

    /** Lets a program be used each time, which is compiled if there is none. */
    Runnable prepare(Key key, Supplier<Program> compile, Consumer<Program> what) {
        IntConsumer task = permit -> run(key, permit, compile, what);
        return () -> semaphore.run(task);
    }

    /** Compiles a program, if there is none, and makes one for each thread that may compute; each is used once. They are kept. */
    void warmUp(Key key, Supplier<Program> compile, Consumer<Program> what) {
        ProgramPool pool = kept(key, compile);
        prepare(key, compile, what).run();
        pool.fill(what);
    }

    private synchronized ProgramPool kept(Key key, Supplier<Program> compile) {
        ProgramPool pool = pool(key, compile);
        pool.keep();
        return pool;
    }

    private void run(Key key, int permit, Supplier<Program> compile, Consumer<Program> what) {
        ProgramPool pool = pool(key, compile);
        Program program = pool.take(permit, compilations);
        while (program == null) {
            pool = pool(key, compile);
            program = pool.take(permit, compilations);
        }
        try {
            what.accept(program);
        } finally {
            pool.give(permit, program);
        }
    }

    private ProgramPool pool(Key key, Supplier<Program> compile) {
        ProgramPool known = pools.get(key);
        return known != null ? known : compiled(key, compile);
    }

    private synchronized ProgramPool compiled(Key key, Supplier<Program> compile) {
        ProgramPool meanwhile = pools.get(key);
        if (meanwhile != null) {
            return meanwhile;
        }
        ProgramPool compiled = new ProgramPool(compile.get(), semaphore.permits());
        compilations++;
        pools.put(key, compiled);
        evict(compiled);
        return compiled;
    }

    private void evict(ProgramPool newest) {
        List<Map.Entry<Key, ProgramPool>> eldest = pools.entrySet().stream()
                .filter(entry -> !entry.getValue().isKept())
                .sorted(Comparator.comparingLong(entry -> entry.getValue().lastUse()))
                .toList();
        int count = eldest.size();
        long bytes =
                eldest.stream().mapToLong(entry -> entry.getValue().bytes()).sum();
        for (Map.Entry<Key, ProgramPool> entry : eldest) {
            ProgramPool pool = entry.getValue();
            if (pool != newest && (count > MOST || bytes > MOST_BYTES)) {
                count--;
                bytes -= pool.bytes();
                pools.remove(entry.getKey());
                pool.retire();
            }
        }
    }

    /** The arena bytes of all programs. */
    long bytes() {
        return pools.values().stream().mapToLong(ProgramPool::bytes).sum();
    }

    /** The number of programs. */
    int count() {
        return pools.values().stream().mapToInt(ProgramPool::count).sum();
    }

    /** Closes the programs, once running predictions have ended. */
    void close() {
        semaphore.close();
        synchronized (this) {
            pools.values().forEach(ProgramPool::retire);
            pools.clear();
        }
    }
}
