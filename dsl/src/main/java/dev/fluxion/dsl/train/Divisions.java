package dev.fluxion.dsl.train;

import dev.fluxion.engine.Compiler;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.ShapeException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * How rows are divided into parts that have programs, for samples of some extents. They are not divided where a layer
 * mixes samples. The last ones are kept.
 */
final class Divisions {
    private static final int MOST = 512;

    private final BatchSizes sizes;
    private final Function<BatchShape, Graph> graph;
    private final Map<List<Integer>, BatchSizes.Division> known = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<List<Integer>, BatchSizes.Division> eldest) {
            return size() > MOST;
        }
    };

    private volatile Last last = new Last(List.of(-1), BatchSizes.WHOLE);

    /** The division that was asked for last. */
    private record Last(List<Integer> extents, BatchSizes.Division division) {}

    Divisions(BatchSizes sizes, Function<BatchShape, Graph> graph) {
        this.sizes = sizes;
        this.graph = graph;
    }

    /** The division for samples of some extents. */
    BatchSizes.Division of(List<Integer> extents) {
        Last before = last;
        return before.extents.equals(extents) ? before.division : remembered(extents);
    }

    private BatchSizes.Division remembered(List<Integer> extents) {
        BatchSizes.Division division;
        synchronized (known) {
            division = known.get(extents);
        }
        if (division == null) {
            division = isRowwise(extents)
                    ? sizes.division(Compiler.overhead(graph.apply(new BatchShape(1, extents))))
                    : BatchSizes.WHOLE;
            synchronized (known) {
                known.put(extents, division);
            }
        }
        last = new Last(extents, division);
        return division;
    }

    private boolean isRowwise(List<Integer> extents) {
        try {
            return Compiler.isRowwise(graph.apply(new BatchShape(2, extents)), graph.apply(new BatchShape(3, extents)));
        } catch (ShapeException e) {
            // A user's layer that does not take every batch size.
            return false;
        }
    }
}
