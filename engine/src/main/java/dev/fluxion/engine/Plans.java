package dev.fluxion.engine;

import dev.fluxion.engine.emit.Shared;
import dev.fluxion.engine.run.Plan;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The plans of a model, by what they compute: those used last, so that what is compiled again, as by a second training, is
 * there already. Their number is bounded, that of their steps, and that of their kernels: each has code and tables of its own, up to 0.4 MB, so that 64
 * trainings of an encoder, one for each length of its sequences, would hold a gigabyte.
 */
final class Plans {
    private static final int MOST = 64;
    private static final int MOST_STEPS = 1 << 16;
    private static final int MOST_KERNELS = 512;

    private final Map<PlanKey, Plan> all = new LinkedHashMap<>(16, 0.75f, true);
    private boolean closed;
    /** What the plans hold. It refers to nothing else of them, so that whoever has it keeps no model from being freed. */
    private final List<Shared> held = new ArrayList<>();

    /** The plan of a key, made if it is not there, for the caller to release. */
    synchronized Plan of(PlanKey key, Supplier<Plan> make) {
        Plan known = all.get(key);
        if (known != null) {
            known.shared().retain();
            return known;
        }
        Plan made = make.get();
        if (closed) {
            return made;
        }
        made.shared().retain();
        all.put(key, made);
        held.add(made.shared());
        makeRoom();
        return made;
    }

    private void makeRoom() {
        Iterator<Plan> eldest = all.values().iterator();
        while (all.size() > 1 && (all.size() > MOST || steps() > MOST_STEPS || kernels() > MOST_KERNELS)) {
            Shared shared = eldest.next().shared();
            eldest.remove();
            held.remove(shared);
            shared.close();
        }
    }

    private long steps() {
        return all.values().stream().mapToLong(Plan::steps).sum();
    }

    private int kernels() {
        return held.stream().mapToInt(Shared::kernels).sum();
    }

    /** What is to be freed with the model. */
    List<Shared> held() {
        return held;
    }

    /** Gives all plans up, and those to come. */
    synchronized void close() {
        closed = true;
        clear();
    }

    /** Gives all plans up: their programs go on. */
    synchronized void clear() {
        held.forEach(Shared::close);
        held.clear();
        all.clear();
    }
}
