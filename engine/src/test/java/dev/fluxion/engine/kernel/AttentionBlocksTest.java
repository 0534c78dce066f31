package dev.fluxion.engine.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.ir.Shape;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How queries are divided into blocks, and which keys these see. */
class AttentionBlocksTest {
    private static final int SHAPES = 9;

    private static List<AttentionBlocks.Run> runs(int queries, int keys, boolean isCausal) {
        Shape q = Shape.of(1, queries, 2, 4);
        Heads k = Heads.plain(Shape.of(1, keys, 2, 4));
        return AttentionBlocks.of(Heads.plain(q), k, k, Heads.plain(q), Optional.empty(), isCausal, 0, q)
                .runs();
    }

    /** The first blocks write what the others add to: they see all keys. The others see those that they need, at least. */
    @ParameterizedTest
    @CsvSource({
        "1, 1",
        "1, 5000",
        "5000, 1",
        "208, 600",
        "209, 600",
        "360, 1100",
        "1100, 1100",
        "4096, 4096",
        "5000, 4000",
    })
    void allQueriesSeeTheirKeys(int queries, int keys) {
        for (boolean isCausal : new boolean[] {false, true}) {
            List<AttentionBlocks.Run> runs = runs(queries, keys, isCausal);
            assertThat(runs.stream()
                            .flatMap(run -> run.starts().stream()
                                    .flatMap(start -> IntStream.range(start, start + run.rows())
                                            .boxed()))
                            .sorted())
                    .containsExactlyElementsOf(
                            IntStream.range(0, queries).boxed().toList());
            assertThat(runs).hasSizeLessThanOrEqualTo(SHAPES);
            for (AttentionBlocks.Run run : runs) {
                boolean isFirst = run == runs.get(0);
                assertThat(run.isFirst()).isEqualTo(isFirst);
                run.starts().forEach(start -> assertThat(run.keys())
                        .isBetween(isCausal && !isFirst ? Math.min(keys, start + run.rows()) : keys, keys));
            }
        }
    }

    /** Half of all pairs are hidden, and most of these are not computed. */
    @ParameterizedTest
    @CsvSource({"1100", "2048", "4096"})
    void causalAttentionComputesLittleMoreThanItSees(int length) {
        double pairs = runs(length, length, true).stream()
                .mapToDouble(
                        run -> (double) run.rows() * run.keys() * run.starts().size())
                .sum();
        assertThat(pairs / length / length).isBetween(0.5, 0.65);
    }
}
