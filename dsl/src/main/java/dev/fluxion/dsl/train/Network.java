package dev.fluxion.dsl.train;

import dev.fluxion.Input;
import dev.fluxion.Layer;
import dev.fluxion.Scope;
import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.dsl.internal.Checks;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A layer and the inputs that it is applied to.
 *
 * @param layer the layer
 * @param inputs the inputs, of which the layer gets the first one
 */
record Network(Layer layer, List<Input> inputs) {
    /** The name of the only input of a model that declares none by name. */
    static final String INPUT = "input";

    /** Checks that no input is null, and that their names differ. */
    Network {
        Given.require("Model.of", "the layer", layer);
        inputs = Checks.present("Model.of", "input", inputs, Input::name);
        Set<String> names = new HashSet<>();
        for (Input input : inputs) {
            if (!names.add(input.name())) {
                throw new IllegalArgumentException(Errors.sameInput(input.name()));
            }
        }
    }

    /** The layer applied to inputs, in a scope of its own. */
    record Applied(Scope scope, Expr result) {
        /** The result and the outputs that layers have named. */
        Map<String, Expr> outputs() {
            Map<String, Expr> all = new LinkedHashMap<>();
            all.put(Scope.RESULT, result);
            all.putAll(scope.outputs());
            return all;
        }
    }

    /** Applies the layer to a batch. */
    Applied apply(boolean training, int batch) {
        Map<String, Expr> given = exprs(batch);
        Scope scope = Scope.root(training, given);
        Expr first = given.values().iterator().next();
        return new Applied(scope, Checks.expression(layer, layer.apply(scope, first)));
    }

    /** The inputs for a batch, in order. */
    Map<String, Expr> exprs(int batch) {
        Map<String, Expr> given = new LinkedHashMap<>();
        inputs.forEach(input -> given.put(input.name(), input.expr(batch)));
        return given;
    }

    /**
     * Requires a tensor for each input and no other, with equal numbers of samples.
     *
     * @return the tensors in the order of the inputs
     */
    Tensor[] require(Tensors given) {
        if (given.isUnnamed()) {
            return new Tensor[] {only(given.only())};
        }
        Tensor[] all = new Tensor[inputs.size()];
        for (int i = 0; i < all.length; i++) {
            String name = inputs.get(i).name();
            if (!given.names().contains(name)) {
                throw new IllegalArgumentException(Errors.missingInput(name, inputs, given.names()));
            }
            all[i] = given.get(name);
        }
        for (String name : given.names()) {
            if (inputs.stream().noneMatch(input -> input.name().equals(name))) {
                throw new IllegalArgumentException(Errors.unknownInput(name, inputs));
            }
        }
        for (int i = 0; i < all.length; i++) {
            requireFit(inputs.get(i), all[i]);
            if (all[i].shape().dim(0) != all[0].shape().dim(0)) {
                throw new IllegalArgumentException(Errors.otherBatch(
                        inputs.get(0).name(), all[0].shape(), inputs.get(i).name(), all[i].shape()));
            }
        }
        return all;
    }

    /** Requires that a tensor fits the only input. */
    Tensor only(Tensor given) {
        if (inputs.size() > 1) {
            throw new IllegalArgumentException(Errors.severalInputs(inputs));
        }
        requireFit(inputs.get(0), given);
        return given;
    }

    /** The shapes of a sample of each input, in words. */
    String samples() {
        return inputs.size() == 1
                ? inputs.get(0).sample().toString()
                : inputs.stream().map(in -> in.name() + " " + in.sample()).collect(Collectors.joining(", "));
    }

    private static void requireFit(Input input, Tensor given) {
        Shape shape = given.shape();
        boolean fits = shape.rank() == input.sample().rank() + 1 && shape.dim(0) > 0;
        for (int i = 1; fits && i < shape.rank(); i++) {
            fits = shape.dim(i) == input.sample().dim(i - 1);
        }
        if (!fits) {
            throw new IllegalArgumentException(Errors.samples(input, shape));
        }
        if (given.dtype() != input.type()) {
            throw new IllegalArgumentException(Errors.typeOfSamples(input, shape));
        }
    }
}
