package dev.fluxion.dsl.train;

import dev.fluxion.engine.Program;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The programs of one training or metric, bounded in number and in bytes: the least recently used one is evicted and
 * closed. One that was given away is left to the garbage collector instead.
 *
 * @param <K> the key: what a program is for
 */
final class ProgramCache<K> implements AutoCloseable {
    private static final int MOST = 8;
    private static final long MOST_BYTES = 1L << 30;

    private final Map<K, Program> all = new LinkedHashMap<>(16, 0.75f, true);
    private final Set<Program> given = new HashSet<>();

    /** The program for a key, compiled if it is not cached. */
    Program get(K key, Supplier<Program> compile) {
        Program known = all.get(key);
        if (known != null) {
            return known;
        }
        Program compiled = compile.get();
        all.put(key, compiled);
        evict();
        return compiled;
    }

    /** The same for a caller that keeps the program. */
    Program give(K key, Supplier<Program> compile) {
        Program program = get(key, compile);
        given.add(program);
        return program;
    }

    /** The arena bytes of all programs. */
    long bytes() {
        return all.values().stream().mapToLong(Program::bytes).sum();
    }

    private void evict() {
        Iterator<Program> eldest = all.values().iterator();
        while (all.size() > 1 && (all.size() > MOST || bytes() > MOST_BYTES)) {
            Program program = eldest.next();
            eldest.remove();
            if (!given.remove(program)) {
                program.close();
            }
        }
    }

    @Override
    public void close() {
        all.values().forEach(Program::close);
        all.clear();
        given.clear();
    }
}
