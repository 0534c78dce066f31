package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sums over the places of images, of which a pooling takes some together. */
class PooledSumTest {
    private static final int CASES = 40;

    /** Images of few and many channels, sizes that have divisors and that have none, one and several images. */
    @Test
    void everyGeometry() {
        for (int seed = 0; seed < CASES; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int[] dims = {random.nextInt(1, 4), 8, random.nextInt(1, 60), random.nextInt(8, 60)};
            int filters = random.nextInt(4, 90);
            boolean all = random.nextInt(4) == 0;
            Leaves leaves = new Leaves(0.3);
            Expr images = images(leaves, filters, dims);
            Graph graph = Graph.of(Map.of("y", all ? images.sum(0, 2, 3) : images.sum(2, 3)));
            Match.check("seed " + seed, graph, leaves.values, seed, random.nextInt(1, 3));
        }
    }

    /** A root of a negative number, and the inverse of 0, reach the sums of their channel and no others. */
    @ParameterizedTest
    @ValueSource(doubles = {-1, 0})
    void notFinite(double odd) {
        Leaves leaves = new Leaves(0.3);
        Expr x = leaves.input("x", 1, 32, 24, 24);
        Expr y = x.conv(leaves.parameter("w", 32, 1, 1, 1), Divided.spec(1, 0, 1, 32));
        Graph graph = Graph.of(Map.of("y", (odd < 0 ? y.sqrt() : y.reciprocal()).sum(2, 3)));
        Arrays.fill(leaves.values.get("x").data(), 1);
        Arrays.fill(leaves.values.get("w").data(), 1);
        leaves.values.get("x").data()[5 * 24 * 24 + 300] = odd;
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = Compiler.compile(graph, parameters, new Options(2))) {
            Match.write(program, graph, leaves.values);
            program.run();
            float[] sums = program.read("y").floats();
            assertThat(program.explain().toString()).contains("1x32x9x64 f32");
            for (int i = 0; i < sums.length; i++) {
                assertThat(Float.isFinite(sums[i])).as("channel " + i).isEqualTo(i != 5);
            }
        }
    }

    private static Expr images(Leaves leaves, int filters, int... dims) {
        return leaves.input("x", dims).conv(leaves.parameter("w", filters, 8, 1, 1), ConvSpec.of());
    }
}
