package dev.fluxion.dsl.train;

import dev.fluxion.Input;
import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.ir.Given;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Predictions of which each goes on from the one before, as for a stream that comes in parts: what the model makes of a
 * state is the state that it begins with next time. {@code model.session().carry("h0", "h")} for a layer
 * {@code gru(64).initial("h0").states("h")}. States are zeros at first. A session is for one thread at a time; several
 * sessions of a model share its programs.
 */
public final class Session {
    private final Model model;
    private final Map<String, String> carried = new LinkedHashMap<>();
    private final Map<String, Tensor> states = new LinkedHashMap<>();

    Session(Model model) {
        this.model = model;
    }

    /**
     * Carries a state.
     *
     * @param input the input of the model that takes it
     * @param value what its next value is: an output, a value that a layer has named, or the path of a layer
     * @return this session
     * @throws IllegalArgumentException if the model has no such input or value, their shapes or element types differ, or
     *     the input is carried already
     */
    public Session carry(String input, String value) {
        Given.require("carry", "the name of the input", input);
        Given.require("carry", "the name of the value", value);
        Input taken = model.network().input(input);
        model.outputs().requireAlike(value, taken);
        if (carried.putIfAbsent(input, value) != null) {
            throw new IllegalArgumentException(Errors.carriedTwice(input));
        }
        return this;
    }

    /**
     * The outputs for the next part, after which the states are those at its end.
     *
     * @param inputs the inputs of the model without the states
     * @throws IllegalArgumentException if an input does not fit or is a state, or there are other samples than before
     */
    public Tensors predict(Tensors inputs) {
        Map<String, Tensor> all = new LinkedHashMap<>(
                Given.require("predict", "the inputs", inputs).all());
        Tensor unnamed = all.remove("");
        if (unnamed != null) {
            all.put(model.network().inputs().get(0).name(), unnamed);
        }
        int batch = all.values().stream()
                .mapToInt(t -> t.shape().rank() == 0 ? 0 : t.shape().dim(0))
                .findFirst()
                .orElse(0);
        carried.keySet().forEach(name -> {
            Input input = model.network().input(name);
            Tensor state = states.getOrDefault(name, Predictions.zeros(input.type(), input.batched(batch)));
            if (all.put(name, state) != null) {
                throw new IllegalArgumentException(Errors.stateGiven(name));
            }
            if (state.shape().dim(0) != batch) {
                throw new IllegalArgumentException(
                        Errors.otherSamples(state.shape().dim(0), batch));
            }
        });
        List<String> wanted = new ArrayList<>(model.outputs().names());
        carried.values().stream().filter(value -> !wanted.contains(value)).forEach(wanted::add);
        Tensors made = model.predict(new Tensors(all), wanted.toArray(String[]::new));
        carried.forEach((input, value) -> states.put(input, made.get(value)));
        Map<String, Tensor> outputs = new LinkedHashMap<>(made.all());
        outputs.keySet().retainAll(model.outputs().names());
        return new Tensors(outputs);
    }

    /** The states by the names of the inputs that take them; none before the first prediction. */
    public Tensors states() {
        return new Tensors(states);
    }

    /** Begins anew, with states of zeros. */
    public void reset() {
        states.clear();
    }
}
