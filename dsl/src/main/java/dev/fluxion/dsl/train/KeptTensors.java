package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.train.TrainingGraphs.COLLECTED;
import static dev.fluxion.dsl.train.TrainingGraphs.GRADIENT;

import dev.fluxion.Optimizer;
import dev.fluxion.Tensor;
import dev.fluxion.engine.RunState;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Slot;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** The tensors that a training keeps: those of the optimizer, and the accumulated and the collected gradients. */
final class KeptTensors {
    private final RunState state;
    private final List<String> trained;
    /** All but the accumulated gradients. */
    private final Set<Slot> slots;

    KeptTensors(RunState state, List<String> trained, Set<Slot> slots) {
        this.state = state;
        this.trained = trained;
        this.slots = slots;
        state.keep(Slot.Owner.TRAINING, GRADIENT);
        slots.forEach(slot -> state.keep(slot.owner(), slot.name()));
    }

    /** Whether a state has accumulated gradients. */
    static boolean hasGradients(Map<Slot, Tensor> kept) {
        return kept.keySet().stream().anyMatch(KeptTensors::isGradient);
    }

    private static boolean isGradient(Slot slot) {
        return slot.equals(Slot.training(GRADIENT, slot.parameter()));
    }

    /** What is kept at the moment: gradients only if there are some. */
    Map<Slot, Tensor> values(boolean accumulated, boolean collected) {
        Map<Slot, Tensor> kept = new LinkedHashMap<>();
        slots(accumulated, collected).forEach(slot -> kept.put(slot, state.get(slot)));
        return kept;
    }

    /**
     * Replaces what is kept.
     *
     * @throws IllegalArgumentException if it belongs to another optimizer or to other parameters, and nothing changes
     */
    void set(Map<Slot, Tensor> kept, boolean collected, Function<String, Shape> shapes) {
        StateMismatch.refuse(slots(hasGradients(kept), collected), kept, shapes);
        state.set(kept);
    }

    /** In the order of the state. */
    private Set<Slot> slots(boolean accumulated, boolean collected) {
        Set<Slot> own = new LinkedHashSet<>();
        for (Slot slot : state.slots()) {
            boolean collects = slot.equals(Slot.training(COLLECTED, slot.parameter()));
            boolean now = isGradient(slot) ? accumulated : slots.contains(slot) && (!collects || collected);
            if (now && trained.contains(slot.parameter())) {
                own.add(slot);
            }
        }
        return own;
    }

    /** The accumulated gradient of a parameter. */
    Tensor gradient(String parameter) {
        return state.get(Slot.training(GRADIENT, parameter));
    }

    void zeroGradients() {
        state.zero(Slot.Owner.TRAINING, GRADIENT);
    }

    /** Whether there are moving averages. */
    boolean hasAverages() {
        return trained.stream().allMatch(name -> slots.contains(Slot.optimizer(Optimizer.AVERAGE, name)));
    }

    /** The moving averages of the parameters that are trained. */
    Map<String, Tensor> averages() {
        Map<String, Tensor> averages = new LinkedHashMap<>();
        trained.forEach(name -> averages.put(name, state.get(Slot.optimizer(Optimizer.AVERAGE, name))));
        return averages;
    }
}
