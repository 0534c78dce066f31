package dev.fluxion.dsl.layer;

import dev.fluxion.Layer;
import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Checks;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A sequence of layers. Parameters are named as in a PyTorch state dict: the position of their layer, from 0, or its
 * name, and {@code weight} or {@code bias}, as in {@code 2.weight} or {@code head.bias}. Those of a nested sequence
 * have a path, as in {@code 3.0.weight}.
 *
 * <p>A layer is a description, not a module that holds weights: the same layer value in two places has two sets of
 * them, {@code 0.weight} and {@code 2.weight} of {@code Seq.of(layer, relu(), layer)}. In PyTorch they would be
 * shared, as with {@link Layers#shared}.
 *
 * @param layers the layers in order; lambdas too
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record Seq(List<Layer> layers, String named, CallSite callSite) implements NamedLayer {
    /** Copies the list and checks that no layer is null and that the names in it differ. */
    public Seq {
        Arguments.requireIdentity("Seq", named, callSite);
        layers = Arguments.layers("Seq", callSite, "layer", layers);
        Arguments.requireDifferentNames("Seq", callSite, layers, Integer::toString);
    }

    /**
     * A sequence of layers.
     *
     * @throws IllegalArgumentException if one of them is null or two have the same name
     */
    public static Seq of(Layer... layers) {
        return new Seq(Checks.list(layers), "", CallSite.caller());
    }

    /** This sequence with a name that replaces its position in parameter names. */
    public Seq named(String name) {
        return new Seq(layers, Arguments.requireName(this, callSite, name), callSite);
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        Scope own = LayerCalls.scope(this, scope);
        Expr y = x;
        for (int i = 0; i < layers.size(); i++) {
            y = LayerCalls.part(layers.get(i), Integer.toString(i), callSite, own, y);
        }
        return y;
    }

    /** The sequence as the user wrote it. */
    @Override
    public String toString() {
        return layers.stream().map(Text::of).collect(Collectors.joining(", ", "Seq.of(", ")")) + Text.named(named);
    }
}
