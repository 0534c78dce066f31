package dev.fluxion.dsl.train;

import dev.fluxion.engine.Arena;
import dev.fluxion.engine.Program;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * The programs of one training or metric, bounded in number: the least recently used one is evicted and closed. One that
 * was given away is left to the garbage collector instead. They run one after the other, in one arena, which is as large
 * as the largest needs: what they hold does not grow with the number of extents.
 *
 * @param <K> the key: what a program is for
 */
final class ProgramCache<K> implements AutoCloseable {
    private static final int MOST = 8;

    private final Arena arena = new Arena();
    private final Map<K, Program> all = new LinkedHashMap<>(16, 0.75f, true);
    private final Set<Program> given = new HashSet<>();

    /** The program for a key, compiled for the arena if it is not cached, or was closed by whom it was given to. */
    Program get(K key, Function<Arena, Program> compile) {
        Program known = all.get(key);
        if (known != null) {
            if (!known.isClosed()) {
                return known;
            }
            given.remove(known);
        }
        Program compiled = compile.apply(arena);
        all.put(key, compiled);
        evict();
        return compiled;
    }

    /** The same for a caller that keeps the program. */
    Program give(K key, Function<Arena, Program> compile) {
        Program program = get(key, compile);
        given.add(program);
        return program;
    }

    private void evict() {
        Iterator<Program> eldest = all.values().iterator();
        while (all.size() > MOST) {
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
