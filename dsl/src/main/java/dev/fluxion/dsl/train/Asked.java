package dev.fluxion.dsl.train;

import dev.fluxion.Layer;
import dev.fluxion.Scope;
import dev.fluxion.dsl.internal.Checks;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A layer, which is asked what it makes of each batch. */
final class Asked implements Structure {
    private final Layer layer;
    private final Traced prediction = new Traced(this, false);
    private final Traced training = new Traced(this, true);

    Asked(Layer layer) {
        this.layer = layer;
    }

    @Override
    public Applied apply(Network network, boolean isTraining, BatchShape batch) {
        return ask(network, isTraining, batch).applied();
    }

    /** What the layer makes of any batch, as far as a few batches tell. */
    Traced traced(boolean isTraining) {
        return isTraining ? training : prediction;
    }

    /** Asks the layer. */
    Declared ask(Network network, boolean isTraining, BatchShape batch) {
        return ask(network, batch, given -> Scope.root(isTraining, given));
    }

    /** Asks the layer within an outermost scope, which is made of the inputs. */
    Declared ask(Network network, BatchShape batch, Function<Map<String, Expr>, Scope> outermost) {
        Map<String, Expr> given = network.exprs(batch);
        Scope scope = outermost.apply(given);
        Expr first = given.values().iterator().next();
        Expr result = Checks.expression(layer, layer.apply(scope, first));
        return new Declared(scope, Applied.of(scope, result));
    }

    @Override
    public OpenApplied prediction(Network network) {
        Traced.Found found = prediction.find(network);
        if (found.open() == null) {
            throw new IllegalStateException(FileErrors.notOpen(found.problem()));
        }
        return found.open();
    }

    @Override
    public @Nullable OpenApplied training(Network network) {
        return training.find(network).open();
    }

    /** What a layer made, with its parameters and their first values. */
    record Declared(Scope scope, Applied applied) {}

    @Override
    public String toString() {
        return Text.of(layer);
    }
}
