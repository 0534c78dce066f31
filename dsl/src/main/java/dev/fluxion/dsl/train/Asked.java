package dev.fluxion.dsl.train;

import dev.fluxion.Layer;
import dev.fluxion.Past;
import dev.fluxion.Scope;
import dev.fluxion.dsl.internal.Checks;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A layer, which is asked what it makes of each batch. */
final class Asked implements Structure {
    private final Layer layer;
    private final Map<Boolean, Traced> traced = new HashMap<>();

    Asked(Layer layer) {
        this.layer = layer;
    }

    @Override
    public Applied apply(Network network, boolean isTraining, BatchShape batch) {
        return ask(network, isTraining, batch).applied();
    }

    /** What the layer makes of any batch, as far as a few batches tell. */
    synchronized Traced traced(Network network, boolean isTraining) {
        return traced.computeIfAbsent(
                isTraining,
                any -> new Traced(
                        toString(), List.copyOf(network.extents().values()), batch -> ask(network, isTraining, batch)
                                .applied()));
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
        Traced.Found found = traced(network, false).find();
        if (found.open() == null) {
            throw new IllegalStateException(FileErrors.notOpen(found.problem()));
        }
        return found.open();
    }

    @Override
    public @Nullable OpenApplied training(Network network) {
        return traced(network, true).find().open();
    }

    @Override
    public Following follow(Network network, String extent, BatchShape batch, Past past) {
        Declared asked = ask(network, batch, given -> Scope.following(given, past));
        return new Following(asked.applied(), List.copyOf(asked.scope().carried()));
    }

    @Override
    public int leastRoom(int most) {
        return 0;
    }

    @Override
    public List<OpenSession> sessions(Network network) {
        return network.extents().keySet().stream()
                .flatMap(extent -> session(network, extent).stream())
                .toList();
    }

    private Optional<OpenSession> session(Network network, String extent) {
        Sequences sequences;
        try {
            sequences = Sequences.of(network, extent);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        List<Integer> most = new ArrayList<>(network.extents().values());
        most.add(sequences.most());
        OpenApplied open = new Traced(
                        toString(), most, behind -> sequences.behind(behind).withCarried())
                .find()
                .open();
        return Optional.ofNullable(open).map(all -> OpenSession.of(extent, sequences.largest(), all));
    }

    /** What a layer made, with its parameters and their first values. */
    record Declared(Scope scope, Applied applied) {}

    @Override
    public String toString() {
        return Text.of(layer);
    }
}
