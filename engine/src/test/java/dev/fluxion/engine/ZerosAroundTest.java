package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Size;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Convolutions that put the zeros around their images there themselves. */
class ZerosAroundTest {
    private static final int CASES = 150;

    /** Zeros on any side, once or twice, beside the padding of the convolution, and what follows it. */
    @Test
    void everyGeometry() {
        for (int seed = 0; seed < CASES; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int groups = random.nextInt(4) == 0 ? 16 : 1;
            Size kernel = size(random, 1, 5);
            ConvSpec spec = new ConvSpec(size(random, 1, 3), size(random, 0, 3), size(random, 1, 4), groups);
            Leaves leaves = new Leaves(0.3);
            Expr x = leaves.input("x", random.nextInt(1, 3), 16, 9 + random.nextInt(8), 9 + random.nextInt(20));
            Expr padded =
                    x.pad(2, random.nextInt(6), random.nextInt(6), 0).pad(3, random.nextInt(9), random.nextInt(9), 0);
            Expr all = random.nextBoolean() ? padded : padded.pad(3, 1, random.nextInt(3), 0);
            Expr w = leaves.parameter("w", 32, 16 / groups, kernel.h(), kernel.w());
            Expr sum = all.conv(w, spec).add(leaves.parameter("bias", 32, 1, 1));
            Graph graph = Graph.of(Map.of("y", random.nextBoolean() ? sum.relu() : sum));
            Match.check("seed " + seed, graph, leaves.values, seed, random.nextInt(1, 3));
        }
    }

    @Test
    void areNoStep() {
        assertThat(explained(x -> x.pad(3, 2, 0, 0))).doesNotContain("pad[").contains("1x16x1x40 f32 acdb, ");
        assertThat(explained(x -> x.pad(3, 1, 0, 0).pad(3, 0, 1, 0))).doesNotContain("pad[");
    }

    @Test
    void othersAre() {
        assertThat(explained(x -> x.pad(3, 2, 0, 0.5))).contains("pad[3");
        assertThat(explained(x -> x.pad(0, 1, 0, 0))).contains("pad[0");
    }

    /** What somebody else reads, too, is made. */
    @Test
    void sharedAre() {
        String shared = Explained.of(
                l -> {
                    Expr padded = l.input("x", 1, 16, 1, 40).pad(3, 2, 0, 0);
                    Map<String, Expr> results = new LinkedHashMap<>();
                    results.put("y", padded.conv(l.parameter("w", 16, 16, 1, 3), ConvSpec.of()));
                    results.put("z", padded.exp());
                    return Graph.of(results);
                },
                "");
        assertThat(shared).contains("pad[3");
    }

    private static String explained(UnaryOperator<Expr> around) {
        return Explained.of(
                l -> Graph.of(Map.of(
                        "y",
                        around.apply(l.input("x", 1, 16, 1, 40)).conv(l.parameter("w", 16, 16, 1, 3), ConvSpec.of()))),
                "");
    }

    private static Size size(SplittableRandom random, int least, int below) {
        return new Size(random.nextInt(least, below), random.nextInt(least, below));
    }
}
