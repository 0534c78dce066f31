package dev.fluxion.engine;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.plan.Symbol;
import dev.fluxion.ffi.Slice;
import dev.fluxion.ir.Update;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a program has of its own, which the kernels of its plan are bound to. */
final class Binding implements Step.Places {
    private final Plan plan;
    private final Natives natives;
    private final Parameters parameters;
    private final RunState state;
    private final List<Update.Rule> rules;
    private final Map<GuardSpec, Guard> guards = new HashMap<>();
    private final Map<PackedForm, PackedWeights.Share> shares = new HashMap<>();

    /**
     * A binding.
     *
     * @param rules the rules of all updates of the graph
     */
    Binding(Plan plan, Natives natives, Parameters parameters, RunState state, List<Update.Rule> rules) {
        this.plan = plan;
        this.natives = natives;
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

    /** The share in packed weights. */
    PackedWeights.Share packed(PackedForm form) {
        return shares.computeIfAbsent(form, f -> natives.add(parameters.packed().share(f)));
    }

    @Override
    public Slice of(Buffer buffer) {
        Buffer root = buffer.root();
        return buffer.slice(
                this,
                () -> plan.memory().contains(root)
                        ? natives.arena().slice(plan.memory().offset(root), Math.max(root.bytes(), 4))
                        : natives.arena().slice(0, 0));
    }

    /** How far what a buffer holds for one tile is from what it holds for the next. */
    long stride(Buffer buffer) {
        return plan.memory().stride(buffer.root());
    }

    @Override
    public <T> T of(Symbol<T> symbol) {
        return symbol instanceof Symbol.Given<T> given ? given.value() : ((Own<T>) symbol).of(this);
    }
}
