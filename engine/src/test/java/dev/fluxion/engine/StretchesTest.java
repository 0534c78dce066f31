package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.engine.plan.Phase;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Convolutions of long sequences, which are computed in two stretches whether two threads do it or one. */
class StretchesTest {
    private static final int CASES = 12;

    @Test
    void everyGeometry() {
        for (int seed = 0; seed < CASES; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int kernel = random.nextInt(2, 7);
            int step = random.nextInt(1, 3);
            int length = 2400 + random.nextInt(300);
            Leaves leaves = new Leaves(0.3);
            Expr y = Divided.sequence(
                    leaves, 1, 32, 32, length, kernel, step, random.nextInt(kernel), random.nextInt(1, 8), 1);
            Graph graph = Graph.of(Map.of("y", random.nextBoolean() ? y.relu() : y.add(1)));
            Match.check("seed " + seed, graph, leaves.values, seed, random.nextInt(1, 3));
        }
    }

    @Test
    void longOnesAreTwo() {
        assertThat(convolutions(64, 3)).isEqualTo(2);
        assertThat(convolutions(64, 1)).isEqualTo(1);
        assertThat(convolutions(8, 3)).isEqualTo(1);
    }

    private static long convolutions(int channels, int kernel) {
        Leaves leaves = new Leaves(0.3);
        Graph graph = Graph.of(Map.of("y", Divided.sequence(leaves, 1, channels, 64, 600, kernel, 1, 0, 1, 1)));
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = Compiler.compile(graph, parameters, new Options(1))) {
            return program.plan().phases().stream()
                    .flatMap(Phase::steps)
                    .filter(step -> step.operator().startsWith("conv"))
                    .count();
        }
    }
}
