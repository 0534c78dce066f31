package dev.fluxion;

import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Noise;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * Declares the parameters and buffers of layers while a model is built, and names values. Scopes nest: a parameter's name
 * is the path of its scopes and its own name joined by dots, such as {@code 2.weight} in a state dict. All scopes of one
 * model share its declarations, and the names of values have no path: a layer reads by {@link #value} what another one anywhere
 * before it has named by {@link #define}, or an input of the model.
 */
public final class Scope {
    /** The name of what a model makes at its end. */
    public static final String RESULT = "output";

    private static final String NAME = "the name";
    private static final Past NO_PAST = new Past(Set.of(), 0, 0, 0);

    private final String path;
    private final boolean training;
    private final Model model;
    /** Whether a layer is called again that was called here before. */
    private final boolean again;

    private Scope(String path, boolean training, Model model, boolean again) {
        this.path = path;
        this.training = training;
        this.model = model;
        this.again = again;
    }

    /** The outermost scope of a model without named inputs that is being built, for training or for inference. */
    public static Scope root(boolean training) {
        return root(training, Map.of());
    }

    /** The outermost scope of a model with inputs by name. */
    public static Scope root(boolean training, Map<String, Expr> inputs) {
        return new Scope("", training, new Model(Given.require("Scope", "the inputs", inputs), NO_PAST), false);
    }

    /** The outermost scope of a model with inputs by name whose sequences go on from those of predictions before. */
    public static Scope following(Map<String, Expr> inputs, Past past) {
        Given.require("Scope", "the past", past);
        return new Scope("", false, new Model(Given.require("Scope", "the inputs", inputs), past), false);
    }

    /** A scope within this one. */
    public Scope child(String name) {
        return new Scope(join(name), training, model, again);
    }

    /**
     * The scope of a layer whose parameters are the same wherever it is called: this one at its first call, and that of
     * its first call later on, where it finds the parameters that it has declared.
     *
     * @param layer the layer, told from others by identity
     */
    public Scope shared(Layer layer) {
        String first = model.shared.putIfAbsent(Given.require("shared", "the layer", layer), path);
        return first == null ? this : new Scope(first, training, model, true);
    }

    /** Whether the model is built for training, where for instance dropout is active. */
    public boolean training() {
        return training;
    }

    /** The path of this scope: empty for the outermost one. */
    public String path() {
        return path;
    }

    /**
     * A parameter of the layer.
     *
     * @param name unique within the scope, as {@code weight}
     * @param shape its shape
     * @param initializer computes its initial value
     */
    public Expr parameter(String name, Shape shape, Initializer initializer) {
        return declare("parameter", Expr::parameter, name, shape, initializer);
    }

    /**
     * A buffer of the layer: a tensor that is saved with the parameters and not trained, such as a running mean. It
     * keeps its value until {@link #update} gives it another one.
     *
     * @param name unique within the scope, also among parameters, as {@code running_mean}
     * @param shape its shape
     * @param initializer computes its initial value
     */
    public Expr buffer(String name, Shape shape, Initializer initializer) {
        return declare("buffer", Expr::buffer, name, shape, initializer);
    }

    private Expr declare(
            String kind, BiFunction<String, Shape, Expr> leaf, String name, Shape shape, Initializer initializer) {
        String full = join(Given.require(kind, NAME, name));
        Given.require(kind + " '" + full + "'", "the shape", shape);
        Given.require(kind + " '" + full + "'", "the initializer", initializer);
        Parameter before = model.declared.get(full);
        Expr expr = leaf.apply(full, shape);
        if (before != null && again) {
            if (!before.expr().shape().equals(shape)
                    || before.expr().op().getClass() != expr.op().getClass()) {
                throw new ShapeException(Errors.shared(before.expr(), expr));
            }
            return model.updates.getOrDefault(before.expr(), before.expr());
        }
        if (before != null) {
            throw new IllegalArgumentException(Errors.duplicate(before.expr(), expr));
        }
        model.declared.put(full, new Parameter(full, expr, initializer));
        return expr;
    }

    /**
     * Gives a buffer its next value: in each training step, together with the parameters, whether or not these are
     * trained; in the explicit form of training, in each forward pass. What reads the buffer in the same step reads the
     * value before, except where a {@link #shared} layer is called again: that one goes on from this value. No gradient
     * follows from it.
     *
     * @param buffer what {@link #buffer} gave
     * @param next its next value, of the same shape
     * @throws IllegalStateException outside of training, where nothing changes a model
     * @throws IllegalArgumentException if this model has no such buffer, or it has a next value already
     * @throws dev.fluxion.ir.ShapeException if the next value has another shape, or is of integers
     */
    public void update(Expr buffer, Expr next) {
        Given.require("update", "the buffer", buffer);
        Given.require("update", "the next value", next);
        Expr own = own(buffer);
        String name = ((Leaf.Buffer) own.op()).name();
        if (!training) {
            throw new IllegalStateException(Errors.updateOutsideTraining(name));
        }
        if (!next.shape().equals(buffer.shape()) || next.dtype() != DType.FLOAT) {
            throw new ShapeException(Errors.nextValue(buffer, next));
        }
        Expr before = model.updates.get(own);
        if (before != null && (before != buffer || !again)) {
            throw new IllegalArgumentException(Errors.updatedTwice(name));
        }
        model.updates.put(own, next);
    }

    /** The buffer that an expression is, or whose next value it is so far. */
    private Expr own(Expr buffer) {
        return model.declared.values().stream()
                .map(Parameter::expr)
                .filter(e -> e.op() instanceof Leaf.Buffer && (e == buffer || model.updates.get(e) == buffer))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(Errors.noBuffer(buffer)));
    }

    /**
     * A parameter that another layer has declared before, by its full name, such as {@code wte.weight}.
     *
     * @throws ShapeException if there is none of this name; the message lists those that there are
     */
    public Expr parameter(String name) {
        Parameter before = model.declared.get(Given.require("parameter", NAME, name));
        if (before == null || !(before.expr().op() instanceof Leaf.Parameter)) {
            throw new ShapeException(Errors.unknownParameter(name, parameters().keySet()));
        }
        return before.expr();
    }

    /** Independent numbers uniform in [0, 1), new at each run. They depend on the path and the model's seed. */
    public Expr uniform(Shape shape) {
        Given.require("uniform", "the shape", shape);
        int before = model.streams.merge(path, 1, Integer::sum) - 1;
        return Expr.uniform(Noise.stream(join("uniform" + before)), shape);
    }

    /**
     * Independent normal numbers of mean 0 and deviation 1, none beyond 5.8, new at each run, such as the noise of a variational
     * autoencoder. They depend on the path and the model's seed.
     */
    public Expr normal(Shape shape) {
        return NormalNumbers.of(uniform(shape), uniform(shape));
    }

    /**
     * Whether positions of x, along axis 1, come behind others that a session has seen before. If so, {@link #positions}
     * tells where they are, {@link #history} what there was at all of them, and {@link #state} what was made of them. Outside of a session, nothing goes on.
     *
     * @throws ShapeException if x goes on, but not along axis 1
     */
    public boolean goesOn(Expr x) {
        return model.session.goesOn(Given.require("goesOn", "x", x));
    }

    /** Where the positions of what goes on are, counted from 0: an integer for each. */
    public Expr positions() {
        return model.session.positions();
    }

    /** What there is before the positions of what goes on, and how many there may be. */
    public Past past() {
        return model.session.past();
    }

    /**
     * What a value was at earlier positions, and is at those of now, side by side along axis 1. It has room for {@link
     * Past#room} earlier ones, of which those that are not there are zeros and count for nothing. What does not go on is
     * itself.
     */
    public Expr history(String name, Expr x) {
        return goesOn(x) ? model.session.history(join(Given.require("history", NAME, name)), x) : x;
    }

    /**
     * What {@link #next} gave in the prediction before; zeros at first. For layers whose input goes on.
     */
    public Expr state(String name, Shape shape) {
        return model.session.state(
                join(Given.require("state", NAME, name)), Given.require("state", "the shape", shape));
    }

    /**
     * Gives a state its value for the prediction to come.
     *
     * @param state what {@link #state} gave
     * @param next its next value, of the same shape
     * @throws ShapeException if the shapes differ
     */
    public void next(Expr state, Expr next) {
        model.session.next(Given.require("next", "the state", state), Given.require("next", "the value", next));
    }

    /** What layers want to be kept for the next prediction of a session, in the order of their calls. */
    public List<Carried> carried() {
        return List.copyOf(model.session.carried().values());
    }

    /**
     * An input of the model, or a value that a layer before this one has named.
     *
     * @throws ShapeException if there is none of this name; the message lists those that there are
     */
    public Expr value(String name) {
        Expr value = model.values.get(Given.require("value", NAME, name));
        if (value == null) {
            throw new ShapeException(Errors.unknownValue(name, model.values.keySet()));
        }
        return value;
    }

    /**
     * Names a value for layers after this one.
     *
     * @return the value
     * @throws ShapeException if an input or another value has this name
     */
    public Expr define(String name, Expr value) {
        return put(model.values, "define", "value", name, value);
    }

    /**
     * Makes a value an output of the model, beside its result, which is called {@value #RESULT}.
     *
     * @return the value
     * @throws ShapeException if another output has this name
     */
    public Expr output(String name, Expr value) {
        if (RESULT.equals(name)) {
            throw new ShapeException(Errors.outputIsResult(name));
        }
        return put(model.outputs, "output", "output", name, value);
    }

    private static Expr put(Map<String, Expr> all, String call, String kind, String name, Expr value) {
        Given.require(call, NAME, name);
        Given.require(call + " '" + name + "'", "the value", value);
        if (name.isBlank()) {
            throw new ShapeException(Errors.blankName("output".equals(kind) ? "an output" : "a value"));
        }
        Expr before = all.putIfAbsent(name, value);
        if (before != null) {
            throw new ShapeException(Errors.namedTwice(kind, name, before, value));
        }
        return value;
    }

    /** The inputs of the model and the values that layers have named so far. */
    public Map<String, Expr> values() {
        return Collections.unmodifiableMap(model.values);
    }

    /** The outputs that layers have named so far, in that order. */
    public Map<String, Expr> outputs() {
        return Collections.unmodifiableMap(model.outputs);
    }

    /** Records a call of a layer, for summaries and for the trace of an error. */
    public void record(Applied applied) {
        model.trace.add(applied);
    }

    /** The parameters declared so far, by name, in the order of their declaration; without the buffers. */
    public Map<String, Parameter> parameters() {
        return declared(Leaf.Parameter.class);
    }

    /** The buffers declared so far, by name, in the order of their declaration. */
    public Map<String, Parameter> buffers() {
        return declared(Leaf.Buffer.class);
    }

    /** Parameters and buffers as they are in a state dict: by name, in the order of their declaration. */
    public Map<String, Parameter> declared() {
        return Collections.unmodifiableMap(model.declared);
    }

    private Map<String, Parameter> declared(Class<? extends Leaf> kind) {
        Map<String, Parameter> some = new LinkedHashMap<>(model.declared);
        some.values().removeIf(p -> !kind.isInstance(p.expr().op()));
        return Collections.unmodifiableMap(some);
    }

    /** The next values of buffers that layers gave so far. */
    public Map<Expr, Expr> updates() {
        return Collections.unmodifiableMap(model.updates);
    }

    /** The calls of layers so far. */
    public List<Applied> trace() {
        return Collections.unmodifiableList(model.trace);
    }

    private String join(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    /**
     * A declared parameter or buffer.
     *
     * @param name its full name
     * @param expr its expression
     * @param initializer computes its initial value
     */
    public record Parameter(String name, Expr expr, Initializer initializer) {}

    /**
     * A call of a layer.
     *
     * @param path the path of its scope
     * @param layer the layer as the user wrote it
     * @param input the shape of its input
     * @param result what it made
     */
    public record Applied(String path, String layer, Shape input, Expr result) {
        /** The shape of its output. */
        public Shape output() {
            return result.shape();
        }
    }

    private static final class Model {
        private final IdentityHashMap<Layer, String> shared = new IdentityHashMap<>();
        private final Map<String, Expr> values;
        private final Map<String, Expr> outputs = new LinkedHashMap<>();
        private final Map<String, Parameter> declared = new LinkedHashMap<>();
        private final Map<Expr, Expr> updates = new LinkedHashMap<>();
        private final List<Applied> trace = new ArrayList<>();
        /** The number of streams of random numbers that the layer at a path uses. */
        private final Map<String, Integer> streams = new HashMap<>();

        private final Continuation session;

        Model(Map<String, Expr> inputs, Past past) {
            this.values = new LinkedHashMap<>(inputs);
            this.session = new Continuation(past);
        }
    }
}
