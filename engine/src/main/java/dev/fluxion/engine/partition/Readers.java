package dev.fluxion.engine.partition;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Pooling;
import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Who reads what in a graph, and when. */
public final class Readers {
    private final BatchPartition.Tiled tiled;
    private final Map<Expr, List<Expr>> readers = new HashMap<>();
    /** How often a node is a result of a stage. */
    private final Map<Expr, Integer> kept = new HashMap<>();

    private final Map<Expr, Place> places = new HashMap<>();
    /** The last mean poolings of images of a shape, up to a gradient. */
    private final Map<Expr, Expr> poolings = new HashMap<>();

    /** The first stage that needs a node, and where it stands among the nodes: behind all that it depends on. */
    private record Place(int stage, int index) {}

    public Readers(BatchPartition.Tiled tiled) {
        this.tiled = tiled;
        Graph graph = tiled.graph();
        for (int i = 0; i < graph.stages().size(); i++) {
            int stage = i;
            List<Expr> roots = graph.stages().get(i).roots();
            Graph.topological(roots).forEach(e -> places.putIfAbsent(e, new Place(stage, places.size())));
            roots.forEach(e -> kept.merge(e, 1, Integer::sum));
        }
        for (Expr e : graph.order()) {
            e.inputs().forEach(in -> readers.computeIfAbsent(in, k -> new ArrayList<>())
                    .add(e));
        }
        findPoolings(graph.order());
    }

    private record Averaged(Shape x, PoolSpec spec) {}

    private void findPoolings(List<Expr> order) {
        Map<Averaged, Expr> last = new HashMap<>();
        for (Expr e : order) {
            if (e.op() instanceof Pooling.AvgPool op) {
                last.put(new Averaged(e.input(0).shape(), op.spec()), e);
            } else if (e.op() instanceof Pooling.AvgPoolGrad op) {
                Optional.ofNullable(last.get(new Averaged(e.shape(), op.spec())))
                        .ifPresent(pooling -> poolings.put(e, pooling));
            }
        }
    }

    /** The mean pooling that a gradient belongs to, if there was one of such images before. */
    public Optional<Expr> pooling(Expr gradient) {
        return Optional.ofNullable(poolings.get(gradient));
    }

    /** The nodes that read {@code e}, one that reads it twice twice. */
    public List<Expr> of(Expr e) {
        return readers.getOrDefault(e, Collections.emptyList());
    }

    /** Whether an expression is a result of a stage. */
    public boolean isKept(Expr e) {
        return kept.containsKey(e);
    }

    /** Whether an expression is one result of one stage, and nothing else. */
    public boolean isResultOnly(Expr e) {
        return of(e).isEmpty() && kept.getOrDefault(e, 0) == 1;
    }

    /** Whether one node reads {@code e}, under the same key, and nobody else. */
    public boolean isReadOnce(Expr e) {
        return of(e).size() == 1 && isOnlyFor(e, of(e).get(0), Set.of());
    }

    /** Whether nobody reads {@code e} but a root and others that it takes along, all under the same key. */
    public boolean isOnlyFor(Expr e, Expr root, Set<Expr> others) {
        return !isKept(e) && of(e).stream().allMatch(r -> r == root || others.contains(r)) && isAtOnce(e, root);
    }

    /** Whether two nodes are computed under the same key. */
    public boolean isAtOnce(Expr a, Expr b) {
        return tiled.key(a).equals(tiled.key(b));
    }

    /** Whether a sum belongs to the key and the stage of a gradient of weights, whose images do not depend on the sum. */
    public boolean isComputableWith(Expr sum, Expr weightGradient) {
        Expr images = weightGradient.input(0);
        return isAtOnce(sum, weightGradient)
                && place(sum).stage == place(weightGradient).stage
                && (place(images).index < place(sum).index
                        || !Graph.topological(List.of(images)).contains(sum));
    }

    private Place place(Expr e) {
        return Objects.requireNonNull(places.get(e));
    }
}
