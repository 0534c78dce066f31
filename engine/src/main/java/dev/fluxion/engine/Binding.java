package dev.fluxion.engine;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.plan.Symbol;
import dev.fluxion.ffi.Memory;
import dev.fluxion.ffi.Slice;
import dev.fluxion.ir.Update;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a program has of its own, which the kernels of its plan are bound to. */
final class Binding implements Step.Places {
    private final Plan plan;
    private final Memory arena;
    private final Parameters parameters;
    private final RunState state;
    private final List<Update.Rule> rules;
    private final Map<GuardSpec, Guard> guards = new HashMap<>();

    /**
     * A binding.
     *
     * @param rules the rules of all updates of the graph
     */
    Binding(Plan plan, Memory arena, Parameters parameters, RunState state, List<Update.Rule> rules) {
        this.plan = plan;
        this.arena = arena;
        this.parameters = parameters;
        this.state = state;
        this.rules = rules;
    }

    Parameters parameters() {
        return parameters;
    }

    RunState state() {
        return state;
    }

    Scalars scalars(int update) {
        return state.scalars(rules.get(update));
    }

    /** The guard of an update, one for all of its steps. */
    Guard guard(GuardSpec spec) {
        return guards.computeIfAbsent(spec, s -> s.make(this));
    }

    @Override
    public Slice of(Buffer buffer) {
        Buffer root = buffer.root();
        return buffer.slice(
                this,
                () -> plan.memory().contains(root)
                        ? arena.slice(plan.memory().offset(root), Math.max(root.bytes(), 4))
                        : arena.slice(0, 0));
    }

    @Override
    public <T> T of(Symbol<T> symbol) {
        return symbol instanceof Symbol.Given<T> given ? given.value() : ((Own<T>) symbol).of(this);
    }
}
