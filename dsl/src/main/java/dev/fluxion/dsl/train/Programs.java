package dev.fluxion.dsl.train;

import dev.fluxion.engine.Program;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The programs of one training, a few at a time: beyond a number, or a number of bytes, the one that has not been used for
 * longest makes room. It is closed, unless somebody else has it: then it is freed with its last holder.
 *
 * @param <K> what a program is for
 */
final class Programs<K> implements AutoCloseable {
    private static final int MOST = 8;
    private static final long MOST_BYTES = 1L << 30;

    private final Map<K, Program> all = new LinkedHashMap<>(16, 0.75f, true);
    private final Set<Program> given = new HashSet<>();

    /** The program for a key, compiled if it is not there. */
    Program get(K key, Supplier<Program> compile) {
        Program known = all.get(key);
        if (known != null) {
            return known;
        }
        Program compiled = compile.get();
        all.put(key, compiled);
        makeRoom();
        return compiled;
    }

    /** The same for somebody who keeps the program. */
    Program give(K key, Supplier<Program> compile) {
        Program program = get(key, compile);
        given.add(program);
        return program;
    }

    /** The bytes that the programs compute in. */
    long bytes() {
        return all.values().stream().mapToLong(Program::bytes).sum();
    }

    private void makeRoom() {
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
