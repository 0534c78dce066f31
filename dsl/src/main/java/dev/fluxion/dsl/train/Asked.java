package dev.fluxion.dsl.train;

import dev.fluxion.Layer;
import dev.fluxion.Scope;
import dev.fluxion.dsl.internal.Checks;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import java.util.Map;

/**
 * A layer, which is asked what it makes of a few batches; that tells what it makes of all others. Where it does not, or the layer refuses
 * a batch, the layer is asked again.
 */
final class Asked implements Structure {
    private final Layer layer;
    private final Traced prediction = new Traced(this, false);
    private final Traced training = new Traced(this, true);

    Asked(Layer layer) {
        this.layer = layer;
    }

    @Override
    public Applied apply(Network network, boolean isTraining, BatchShape batch) {
        return traced(isTraining).at(network, batch);
    }

    /** What the layer makes of any batch. */
    Traced traced(boolean isTraining) {
        return isTraining ? training : prediction;
    }

    /** Asks the layer. */
    Declared ask(Network network, boolean isTraining, BatchShape batch) {
        Map<String, Expr> given = network.exprs(batch);
        Scope scope = Scope.root(isTraining, given);
        Expr first = given.values().iterator().next();
        Expr result = Checks.expression(layer, layer.apply(scope, first));
        return new Declared(scope, Applied.of(scope, result));
    }

    /** What a layer made, with its parameters and their first values. */
    record Declared(Scope scope, Applied applied) {}

    @Override
    public String toString() {
        return Text.of(layer);
    }
}
