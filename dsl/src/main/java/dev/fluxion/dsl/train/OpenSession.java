package dev.fluxion.dsl.train;

import dev.fluxion.Carried;
import dev.fluxion.Past;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a network makes of any batch whose sequences go on along an extent, behind any number of positions that are kept.
 *
 * @param extent the name of the extent
 * @param histories the names of what is kept of positions
 * @param states the names of the other things that are kept
 * @param open what the network makes; how many positions are kept is the last of the extents
 */
record OpenSession(String extent, List<String> histories, List<String> states, OpenApplied open) {
    /** What a layer makes, as far as some sizes tell. */
    static OpenSession of(String extent, Following first, OpenApplied open) {
        return new OpenSession(extent, names(first, true), names(first, false), open);
    }

    private static List<String> names(Following first, boolean histories) {
        return first.carried().stream()
                .filter(kept -> kept.isHistory() == histories)
                .map(Carried::name)
                .toList();
    }

    /**
     * What the network makes of a batch.
     *
     * @throws ShapeException if the batch does not fit
     */
    Following at(BatchShape batch, Past past) {
        return Following.of(open.at(behind(batch, past.room())), histories, states);
    }

    /**
     * Requires that what is kept is there, as layers make it of the largest samples.
     *
     * @param most the largest of the extent
     */
    void requireKept(int most) {
        for (Carried each : Following.of(open.names(), histories, states).carried()) {
            Shape made = each.made().shape();
            boolean fits = made.rank() > 0
                    && made.dim(0) == 1
                    && each.made().dtype() == DType.FLOAT
                    && (!each.isHistory() || made.rank() > 1 && made.dim(1) == most);
            if (!fits) {
                throw new IllegalArgumentException(FileErrors.notKept(each.name()));
            }
        }
    }

    /** The inputs that a session itself gives, for the largest samples behind as many positions. */
    Map<String, Expr> kept() {
        Map<String, Expr> kept = new LinkedHashMap<>();
        Following largest = Following.of(open.names(), histories, states);
        largest.carried()
                .forEach(each -> kept.put(
                        each.name(),
                        new Expr(new Leaf.Input(each.name(), each.made().shape(), DType.FLOAT, true), List.of())));
        Graph.topological(open.names().exprs()).stream()
                .filter(e -> e.op() instanceof Leaf.Input input && input.name().equals(Past.POSITIONS))
                .forEach(e -> kept.put(
                        Past.POSITIONS,
                        Expr.input(Past.POSITIONS, Shape.of(e.shape().size()), DType.INT)));
        return kept;
    }

    /** A batch behind so many positions that are kept. */
    static BatchShape behind(BatchShape batch, int room) {
        List<Integer> extents = new ArrayList<>(batch.extents());
        extents.add(room);
        return new BatchShape(batch.rows(), extents);
    }
}
