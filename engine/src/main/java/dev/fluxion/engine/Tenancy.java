package dev.fluxion.engine;

import dev.fluxion.engine.error.Errors;
import dev.fluxion.engine.run.Binding;
import dev.fluxion.engine.run.Bound;
import dev.fluxion.engine.run.IoBuffers;
import dev.fluxion.engine.run.Natives;
import dev.fluxion.engine.run.Plan;
import dev.fluxion.engine.store.ParameterStore;
import dev.fluxion.ffi.Memory;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Update;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a program has in an arena: its inputs and outputs, and kernels that are bound to it as it was when the program last took it over. */
final class Tenancy {
    private final Plan plan;
    private final Arena arena;
    private final Natives natives;
    private final Supplier<Binding> binding;
    private final IoBuffers inputs;
    private final IoBuffers outputs;
    private @Nullable Bound bound;
    /** Whether the arena has what the first stage left. */
    private boolean begun;
    /** How often parameters had been changed when the last stage had run. */
    private long changes;

    Tenancy(Plan plan, Graph graph, Parameters parameters, RunState state, Arena arena) {
        this.plan = plan;
        this.arena = arena;
        this.inputs = new IoBuffers("input", inputs(graph), plan.inputs());
        this.outputs = new IoBuffers("output", outputs(graph), plan.outputs());
        List<Update.Rule> rules = rules(graph);
        Natives own = new Natives();
        this.natives = own;
        this.binding = () -> new Binding(plan, own, parameters.store(), state.store(), rules);
        arena.join();
    }

    private static Map<String, Expr> inputs(Graph graph) {
        Map<String, Expr> inputs = new LinkedHashMap<>();
        graph.inputs().forEach(e -> inputs.put(((Leaf.Input) e.op()).name(), e));
        return inputs;
    }

    private static Map<String, Expr> outputs(Graph graph) {
        Map<String, Expr> outputs = new LinkedHashMap<>();
        graph.stages().forEach(stage -> outputs.putAll(stage.outputs()));
        return outputs;
    }

    private static List<Update.Rule> rules(Graph graph) {
        return graph.stages().stream()
                .flatMap(stage -> stage.updates().stream())
                .map(Update::rule)
                .toList();
    }

    IoBuffers inputs() {
        return inputs;
    }

    IoBuffers outputs() {
        return outputs;
    }

    /** The bound stages. The arena has been taken over. */
    Bound bound() {
        return Objects.requireNonNull(bound);
    }

    /** The first stage runs. */
    void begin() {
        begun = true;
    }

    /** Stages have run. */
    void ran(ParameterStore parameters) {
        changes = parameters.versions().changes();
    }

    /**
     * Requires what earlier stages left, of parameters as they are.
     *
     * @throws IllegalStateException if the first stage has not run, or parameters have been changed since
     */
    void requireBegun(ParameterStore parameters) {
        if (!begun) {
            throw new IllegalStateException(Errors.notBegun());
        }
        if (changes != parameters.versions().changes()) {
            throw new IllegalStateException(Errors.changedSince());
        }
    }

    /** Lets no other thread use the arena. */
    void lock() {
        arena.lock().enter();
    }

    /** The same, after those who use it. */
    void waitForLock() {
        arena.lock().lock();
    }

    void unlock() {
        arena.lock().unlock();
    }

    /** Binds to an arena that nobody has taken over yet: a program that is alone is bound from the start. */
    void takeOverIfFree() {
        if (arena.lock().tryLock()) {
            try {
                if (arena.isFree()) {
                    takeOver();
                }
            } finally {
                unlock();
            }
        }
    }

    /** Has the arena to itself until another program takes it over. */
    void takeOver() {
        if (arena.isHeldBy(natives)) {
            return;
        }
        Memory memory = arena.take(natives, plan.memory().bytes());
        begun = false;
        if (bound != null && natives.isBoundTo(memory)) {
            inputs.forget();
            bound.executable().outdate();
        } else {
            bind(memory);
        }
    }

    private void bind(Memory memory) {
        bound = null;
        natives.bind(memory);
        try {
            Binding now = binding.get();
            Bound steps = new Bound(plan, natives, now);
            inputs.bind(now);
            outputs.bind(now);
            bound = steps;
        } finally {
            if (bound == null) {
                natives.unbind();
                arena.vacate(natives);
            }
        }
    }

    /**
     * Requires that what was computed last is still there.
     *
     * @throws IllegalStateException if another program has taken the arena over, or this one has not run since
     */
    void requireHeld() {
        if (!arena.isHeldBy(natives)) {
            throw new IllegalStateException(Errors.takenOver());
        }
        if (!begun) {
            throw new IllegalStateException(Errors.notRun());
        }
    }

    /** What frees it. It refers to nothing of the program. */
    Runnable free() {
        return free(natives, arena);
    }

    private static Runnable free(Natives natives, Arena arena) {
        return () -> {
            natives.close();
            arena.leave();
        };
    }
}
