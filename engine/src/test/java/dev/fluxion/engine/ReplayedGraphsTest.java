package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.engine.partition.BatchPartition;
import dev.fluxion.engine.plan.MemoryPlan;
import dev.fluxion.engine.plan.Phase;
import dev.fluxion.engine.plan.Replay;
import dev.fluxion.engine.plan.Schedule;
import dev.fluxion.engine.rule.RuleBook;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Steps of random graphs and nets read what they are to read: as they are emitted, scheduled and placed. */
class ReplayedGraphsTest {
    private static final int GRAPHS = 150;
    private static final int NETS = 24;

    private int exact;
    private int sideBySide;

    @Test
    void stepsOfRandomGraphsReadWhatTheyAreTo() {
        RandomGraphsTest.each(
                GRAPHS,
                (seed, graph, parameters) -> replay(
                        seed,
                        seed % 3 == 0 ? BatchPartition.Tiled.none(graph) : BatchPartitionTest.tiled(graph),
                        parameters));
        assertThat(sideBySide).as("phases of several lanes").isGreaterThan(GRAPHS / 3);
        assertThat(exact).as("plans as small as can be").isGreaterThan(GRAPHS / 2);
    }

    @Test
    void stepsOfDividedNetsReadWhatTheyAreTo() {
        RandomNet.each(NETS, this::replay);
        assertThat(sideBySide).as("phases of several lanes").isGreaterThan(NETS);
    }

    private void replay(int seed, BatchPartition.Tiled tiled, Parameters parameters) {
        GraphLowering lowering = new GraphLowering(tiled, parameters.store(), RuleBook.current());
        try {
            lowering.lower();
            List<List<Phase>> stages = lowering.graph().stages().stream()
                    .map(stage -> Schedule.of(lowering.steps(stage), 1 + seed % 4))
                    .toList();
            List<Phase> phases = new ArrayList<>(List.of(Phase.serial(lowering.prologue())));
            stages.forEach(phases::addAll);
            MemoryPlan plan = MemoryPlan.of(phases, stages.size() > 1);
            assertThat(Replay.faults(lowering.emitted())).as("seed " + seed).isEmpty();
            assertThat(Replay.faults(lowering.emitted(), lowering.scheduled(stages), plan))
                    .as("seed " + seed)
                    .isEmpty();
            sideBySide += phases.stream().filter(p -> p.lanes().size() > 1).count();
            exact += plan.bytes() == plan.lowerBound() ? 1 : 0;
        } finally {
            lowering.close();
        }
    }
}
