package dev.fluxion.dsl.train;

import dev.fluxion.Input;
import dev.fluxion.Scope;
import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.ir.Given;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Predictions of which each goes on from the one before: a text comes token by token, a signal in parts. A session keeps what causal
 * attention reads of earlier positions, counts these for positional encodings, and keeps the states of recurrences; each prediction
 * computes its own positions only, and gives what one of the whole sequence would give for them, within rounding. It ends at the
 * extent that the inputs declare. Other states are carried by name: {@code model.session().carry("h0", "h")} for a layer
 * {@code gru(64).initial("h0").states("h")}; they are zeros at first.
 *
 * <p>A session is for one thread at a time; several sessions of a model share its programs.
 */
public final class Session implements AutoCloseable {
    private final Model model;
    private final @Nullable Continued continued;
    private final String reason;
    private final Map<String, String> carried = new LinkedHashMap<>();
    private final Map<String, Tensor> states = new LinkedHashMap<>();
    private boolean closed;

    Session(Model model, Sequences sequences) {
        this(model, sequences.keepsNothing() ? null : new Continued(model, sequences), "");
    }

    private Session(Model model, @Nullable Continued continued, String reason) {
        this.model = model;
        this.continued = continued;
        this.reason = reason;
    }

    /** A session along the only extent that varies, or else one of states that are carried. */
    static Session of(Model model) {
        try {
            return new Session(model, Sequences.of(model));
        } catch (IllegalArgumentException e) {
            return new Session(model, null, String.valueOf(e.getMessage()));
        }
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
     * The outputs for the next part, after which the states are those at its end; they stay as they are if this fails.
     *
     * @param inputs the inputs of the model without the states
     * @throws IllegalArgumentException if an input does not fit or is a state, there are other samples than before, or sequences
     *     become longer than the model takes
     * @throws IllegalStateException if nothing goes on in this session, or it or the model is closed
     */
    public Tensors predict(Tensors inputs) {
        Map<String, Tensor> all = new LinkedHashMap<>(
                Given.require("predict", "the inputs", inputs).all());
        if (closed) {
            throw new IllegalStateException(Errors.sessionClosed());
        }
        if (!reason.isEmpty() && carried.isEmpty()) {
            throw new IllegalStateException(Errors.nothingGoesOn(reason));
        }
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
        Tensors made = made(new Tensors(all), wanted);
        carried.forEach((input, value) -> states.put(input, made.get(value)));
        Map<String, Tensor> outputs = new LinkedHashMap<>(made.all());
        outputs.keySet().retainAll(model.outputs().names());
        return new Tensors(outputs);
    }

    /**
     * The result for the next part of the first input, where the others are carried.
     *
     * @throws IllegalArgumentException as {@link #predict(Tensors)}
     * @throws IllegalStateException as {@link #predict(Tensors)}
     */
    public Tensor predict(Tensor input) {
        return predict(Tensors.of(Given.require("predict", "the input", input))).get(Scope.RESULT);
    }

    private Tensors made(Tensors all, List<String> wanted) {
        if (continued == null) {
            return model.predict(all, wanted.toArray(String[]::new));
        }
        model.requireOpen();
        Tensor[] computed = continued.predict(model.network().require(all), List.copyOf(wanted));
        Map<String, Tensor> named = new LinkedHashMap<>();
        for (int i = 0; i < computed.length; i++) {
            named.put(wanted.get(i), computed[i]);
        }
        return new Tensors(named);
    }

    /** The carried states by the names of the inputs that take them; none before the first prediction. */
    public Tensors states() {
        return new Tensors(states);
    }

    /** Begins anew, at the first position, with states of zeros. */
    public void reset() {
        states.clear();
        if (continued != null) {
            continued.reset();
        }
    }

    /** Frees what the session keeps. Later predictions throw; closing again does nothing. */
    @Override
    public void close() {
        closed = true;
        reset();
    }
}
