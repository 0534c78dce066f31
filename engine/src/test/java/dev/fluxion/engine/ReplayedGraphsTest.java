package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.engine.partition.BatchPartition;
import dev.fluxion.engine.plan.MemoryPlan;
import dev.fluxion.engine.plan.Phase;
import dev.fluxion.engine.plan.Replay;
import dev.fluxion.engine.plan.Schedule;
import dev.fluxion.engine.rule.RuleBook;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Update;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

    /** A gradient that is an output, too, in blocks that are not full, between others with gaps that are cleared. */
    @Test
    void gradientsOfUpdatesThatAreOutputs() {
        Leaves leaves = new Leaves(0.3);
        Expr w = leaves.parameter("w", 3, 3, 1, 1);
        Expr v = leaves.parameter("v", 5, 3, 3, 3);
        Expr bias = leaves.parameter("bias", 1, 5, 1, 1);
        Expr y = leaves.input("x", 1, 3, 6, 6).conv(w, ConvSpec.of());
        Expr z = y.conv(v, ConvSpec.of()).add(bias).relu();
        Expr loss = z.square().mean().add(y.tanh().square().mean());
        List<Expr> all = List.of(w, v, bias);
        List<Expr> gradients = Gradients.of(loss, all);
        Graph graph = Graph.of(new Graph.Stage(
                "step",
                Map.of("loss", loss, "gradient", gradients.get(0)),
                List.of(new Update(all, gradients, TinyNet.SGD))));
        try (Parameters parameters = Match.parameters(graph, leaves.values)) {
            replay(0, BatchPartition.Tiled.none(graph), parameters);
        }
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
