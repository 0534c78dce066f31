package dev.fluxion;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Noise;
import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Declares the parameters of layers while a model is built. Scopes nest: a parameter's name is the path of its scopes
 * and its own name joined by dots, such as {@code 2.weight} in a state dict. All scopes of one model share its
 * declarations.
 */
public final class Scope {
    private final String path;
    private final boolean training;
    private final Model model;

    private Scope(String path, boolean training, Model model) {
        this.path = path;
        this.training = training;
        this.model = model;
    }

    /** The outermost scope of a model that is being built, for training or for inference. */
    public static Scope root(boolean training) {
        return new Scope("", training, new Model());
    }

    /** A scope within this one. */
    public Scope child(String name) {
        return new Scope(join(name), training, model);
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
        String full = join(Given.require("parameter", "the name", name));
        Given.require("parameter '" + full + "'", "the shape", shape);
        Given.require("parameter '" + full + "'", "the initializer", initializer);
        Parameter before = model.parameters.get(full);
        Expr expr = Expr.parameter(full, shape);
        if (before != null) {
            throw new IllegalArgumentException(Errors.duplicateParameter(full, before.expr(), expr));
        }
        model.parameters.put(full, new Parameter(full, expr, initializer));
        return expr;
    }

    /** Independent numbers uniform in [0, 1), new at each run. They depend on the path and the model's seed. */
    public Expr uniform(Shape shape) {
        int before = model.streams.merge(path, 1, Integer::sum) - 1;
        return Expr.uniform(Noise.stream(join("uniform" + before)), shape);
    }

    /** Records a call of a layer, for summaries and for the trace of an error. */
    public void record(Applied applied) {
        model.trace.add(applied);
    }

    /** The parameters declared so far, by name, in the order of their declaration. */
    public Map<String, Parameter> parameters() {
        return Collections.unmodifiableMap(model.parameters);
    }

    /** The calls of layers so far. */
    public List<Applied> trace() {
        return Collections.unmodifiableList(model.trace);
    }

    private String join(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    /**
     * A declared parameter.
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
     * @param output the shape of its output
     */
    public record Applied(String path, String layer, Shape input, Shape output) {}

    private static final class Model {
        private final Map<String, Parameter> parameters = new LinkedHashMap<>();
        private final List<Applied> trace = new ArrayList<>();
        /** The number of streams of random numbers that the layer at a path uses. */
        private final Map<String, Integer> streams = new HashMap<>();
    }
}
