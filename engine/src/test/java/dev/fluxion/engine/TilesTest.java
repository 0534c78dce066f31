package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.engine.pass.Tiles;
import dev.fluxion.engine.pass.Tiling;
import dev.fluxion.engine.plan.Turn;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a tiled graph means is tested with the other passes on random graphs; here is how it is divided. */
class TilesTest {
    private static final int GRAPHS = 200;

    /** Tiles of unequal size, more than strands, where the first input has a batch at all. */
    static Optional<Tiling> tiling(Graph graph) {
        if (graph.inputs().isEmpty() || graph.inputs().get(0).shape().rank() == 0) {
            return Optional.empty();
        }
        int batch = graph.inputs().get(0).shape().dim(0);
        return batch < 2 ? Optional.empty() : Optional.of(new Tiling(batch, Math.min(batch, 5), Math.min(batch, 3)));
    }

    @Test
    void strandsDoNotDependOnEachOther() {
        int strands = 0;
        for (int seed = 0; seed < GRAPHS; seed++) {
            Graph graph = RandomGraphsTest.draw(seed).graph();
            Optional<Tiling> tiling = tiling(graph);
            if (tiling.isPresent()) {
                Tiles.Tiled tiled = Tiles.apply(graph, tiling.get());
                Set<Integer> found = new HashSet<>();
                for (Expr e : tiled.graph().order()) {
                    Turn turn = tiled.turn(e);
                    found.add(turn.strand());
                    for (Expr in : e.inputs()) {
                        Turn before = tiled.turn(in);
                        if (turn.isStrand() && turn.strand() == before.strand()) {
                            assertThat(before.order()).as("seed " + seed).isLessThanOrEqualTo(turn.order());
                        }
                    }
                }
                strands = Math.max(strands, found.size() - 1);
            }
        }
        assertThat(strands).isEqualTo(3);
    }
}
