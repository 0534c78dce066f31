package dev.fluxion.engine.run;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.plan.Symbol;
import dev.fluxion.engine.store.Own;
import dev.fluxion.engine.store.PackedForm;
import dev.fluxion.engine.store.PackedWeights;
import dev.fluxion.engine.store.ParameterStore;
import dev.fluxion.engine.store.Scalars;
import dev.fluxion.engine.store.StateStore;
import dev.fluxion.ffi.Slice;
import dev.fluxion.ir.Update;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What a program has of its own, which the kernels of its plan are bound to. */
public final class Binding implements Own.Owner {
    private final Plan plan;
    private final Natives natives;
    private final ParameterStore parameters;
    private final StateStore state;
    private final List<Update.Rule> rules;
    private final Map<Own<?>, Object> made = new HashMap<>();
    private final Map<PackedForm, PackedWeights.Share> shares = new HashMap<>();

    /**
     * A binding.
     *
     * @param rules the rules of all updates of the graph
     */
    public Binding(Plan plan, Natives natives, ParameterStore parameters, StateStore state, List<Update.Rule> rules) {
        this.plan = plan;
        this.natives = natives;
        this.parameters = parameters;
        this.state = state;
        this.rules = rules;
    }

    @Override
    public ParameterStore parameters() {
        return parameters;
    }

    @Override
    public StateStore state() {
        return state;
    }

    @Override
    public Scalars scalars(int update) {
        return state.scalars(rules.get(update));
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> T once(Own<T> own, Supplier<T> make) {
        return (T) made.computeIfAbsent(own, o -> make.get());
    }

    @Override
    public PackedWeights.Share packed(PackedForm form) {
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

    @Override
    public Step.Kernel kernel(Step.Binder binder) {
        return freed(binder.bind(this));
    }

    /** A kernel that is freed with the program. */
    Step.Kernel freed(Step.Kernel kernel) {
        return natives.add(kernel);
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
