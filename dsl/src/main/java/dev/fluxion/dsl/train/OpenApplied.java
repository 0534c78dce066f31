package dev.fluxion.dsl.train;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.ShapeException;
import dev.fluxion.ir.open.OpenGraph;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a network makes of any batch.
 *
 * @param names what there is, with expressions for some batch
 * @param graph the graph of it all, its roots in the order of the names
 */
record OpenApplied(Applied names, OpenGraph graph) {
    /** What a network makes of a batch. */
    record Sample(BatchShape batch, Applied applied) {}

    /**
     * What samples are of.
     *
     * @throws IllegalArgumentException if no formulas tell how they differ
     */
    static OpenApplied of(List<Sample> samples) {
        Applied first = samples.get(0).applied;
        for (Sample sample : samples) {
            requireSameNames(first, sample.applied);
        }
        return new OpenApplied(
                first,
                OpenGraph.fitted(samples.stream()
                        .map(s -> new OpenGraph.Sample(extents(s.batch), s.applied.exprs()))
                        .toList()));
    }

    private static void requireSameNames(Applied first, Applied other) {
        List<String> names = first.names();
        names.removeAll(other.names());
        if (!first.names().equals(other.names())) {
            throw new IllegalArgumentException(FileErrors.otherNames(names));
        }
    }

    private static List<Integer> extents(BatchShape batch) {
        List<Integer> extents = new ArrayList<>(batch.extents());
        extents.add(0, batch.rows());
        return extents;
    }

    /**
     * What the network makes of a batch.
     *
     * @throws ShapeException if the batch does not fit
     */
    Applied at(BatchShape batch) {
        return names.with(graph.bind(extents(batch)));
    }

    /**
     * Requires that this is what a layer makes of a batch.
     *
     * @throws IllegalArgumentException if it is not
     */
    void requireSame(Applied asked, BatchShape batch) {
        Applied own;
        try {
            own = at(batch);
        } catch (ShapeException e) {
            throw new IllegalArgumentException(FileErrors.refusesSize(batch), e);
        }
        requireSameNames(own, asked);
        requireSame(own.exprs(), asked.exprs(), batch);
    }

    private static void requireSame(List<Expr> own, List<Expr> asked, BatchShape batch) {
        List<Expr> order = Graph.topological(own);
        List<Expr> other = Graph.topological(asked);
        Map<Expr, Expr> alike = new HashMap<>();
        for (int i = 0; i < Math.min(order.size(), other.size()); i++) {
            Expr mine = order.get(i);
            Expr its = other.get(i);
            alike.put(mine, its);
            if (!mine.op().equals(its.op())
                    || !mine.shape().equals(its.shape())
                    || !mine.inputs().stream().map(alike::get).toList().equals(its.inputs())) {
                throw new IllegalArgumentException(FileErrors.otherStructure(its, batch));
            }
        }
        if (order.size() != other.size()
                || !own.stream().map(alike::get).toList().equals(asked)) {
            throw new IllegalArgumentException(FileErrors.otherStructure(asked.get(0), batch));
        }
    }
}
