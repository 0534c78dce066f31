package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.engine.partition.BatchPartition;
import dev.fluxion.engine.partition.Tiling;
import dev.fluxion.engine.plan.ScheduleKey;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a tiled graph means is tested with the other passes on random graphs; here is how it is divided. */
class BatchPartitionTest {
    private static final int GRAPHS = 200;

    /** Tiles of unequal size, more than strands, where the first input has a batch at all. */
    static Optional<Tiling> tiling(Graph graph) {
        if (graph.inputs().isEmpty() || graph.inputs().get(0).shape().rank() == 0) {
            return Optional.empty();
        }
        int batch = graph.inputs().get(0).shape().dim(0);
        return batch < 2 ? Optional.empty() : Optional.of(new Tiling(batch, Math.min(batch, 5), Math.min(batch, 3)));
    }

    /** The graph in such tiles, or whole. */
    static BatchPartition.Tiled tiled(Graph graph) {
        return tiling(graph).map(t -> BatchPartition.apply(graph, t)).orElse(BatchPartition.Tiled.none(graph));
    }

    @Test
    void strandsDoNotDependOnEachOther() {
        int strands = 0;
        for (int seed = 0; seed < GRAPHS; seed++) {
            Graph graph = RandomGraphsTest.draw(seed).graph();
            Optional<Tiling> tiling = tiling(graph);
            if (tiling.isPresent()) {
                BatchPartition.Tiled tiled = BatchPartition.apply(graph, tiling.get());
                Set<Integer> found = new HashSet<>();
                for (Expr e : tiled.graph().order()) {
                    ScheduleKey key = tiled.key(e);
                    found.add(key.strand());
                    for (Expr in : e.inputs()) {
                        ScheduleKey before = tiled.key(in);
                        if (key.isStrand() && key.strand() == before.strand()) {
                            assertThat(before.order()).as("seed " + seed).isLessThanOrEqualTo(key.order());
                        }
                    }
                }
                strands = Math.max(strands, found.size() - 1);
            }
        }
        assertThat(strands).isEqualTo(3);
    }

    /** Weights larger than the images of a tile: a strand adds their gradients up at once. The other weights are smaller. */
    @Test
    void largeGradientsAreComputedOnceInAStrand() {
        ConvSpec spec = new ConvSpec(Size.of(1), Size.of(1), Size.of(1), 1);
        Expr small = Expr.parameter("small", Shape.of(16, 3, 3, 3));
        Expr large = Expr.parameter("large", Shape.of(64, 16, 3, 3));
        Expr bias = Expr.parameter("bias", Shape.of(64));
        Expr loss = Expr.input("x", Shape.of(10, 3, 8, 8))
                .conv(small, spec)
                .relu()
                .maxPool(PoolSpec.of(Size.of(4)))
                .conv(large, spec)
                .add(bias.reshape(1, 64, 1, 1))
                .square()
                .mean();
        List<Expr> gradients = Gradients.of(loss, List.of(small, large, bias));
        Graph graph = Graph.of(Map.of("small", gradients.get(0), "large", gradients.get(1), "bias", gradients.get(2)));
        BatchPartition.Tiled tiled = BatchPartition.apply(graph, new Tiling(10, 5, 2));
        assertThat(parts(tiled, "convGradWeight", small.shape()))
                .containsExactly(new ScheduleKey(0, 0, 3), new ScheduleKey(1, 6, 2));
        assertThat(parts(tiled, "convGradWeight", large.shape()))
                .containsExactly(new ScheduleKey(0, 1), new ScheduleKey(1, 7));
        assertThat(parts(tiled, "sum", Shape.of(1, 64, 1, 1)))
                .containsExactly(new ScheduleKey(0, 1), new ScheduleKey(1, 7));
    }

    private static List<ScheduleKey> parts(BatchPartition.Tiled tiled, String operator, Shape shape) {
        return tiled.graph().order().stream()
                .filter(e -> e.op().toString().startsWith(operator) && e.shape().equals(shape))
                .map(tiled::key)
                .sorted(Comparator.comparingInt(ScheduleKey::order))
                .toList();
    }
}
