package dev.fluxion.engine.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Update;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TilingTest {
    @Test
    void theTilesOfAllStrandsMakeTheBatch() {
        for (int batch = 1; batch < 200; batch++) {
            for (int strands = 1; strands <= Math.min(batch, 8); strands++) {
                for (int tiles = strands; tiles <= Math.min(batch, 6 * strands); tiles += strands) {
                    Tiling tiling = new Tiling(batch, tiles, strands);
                    int next = 0;
                    for (Tiling.Run run : tiling.runs()) {
                        assertThat(run.from()).as("%s", tiling).isEqualTo(next);
                        next = run.end();
                    }
                    assertThat(next).as("%s", tiling).isEqualTo(batch);
                    assertThat(tiling.runs().stream().map(Tiling.Run::strand).distinct())
                            .as("%s", tiling)
                            .hasSize(strands);
                }
            }
        }
    }

    /** However large the batch, a strand is one loop, and the last strand has one more tile if the batch does not divide. */
    @ParameterizedTest
    @CsvSource({"4096, 344, 8", "20000, 1672, 8", "1000, 88, 8", "10007, 848, 8"})
    void aLargeBatchIsALoopForEachStrand(int batch, int tiles, int strands) {
        List<Tiling.Run> runs = new Tiling(batch, tiles, strands).runs();
        int size = runs.get(0).size();
        assertThat(size).isBetween(batch / tiles / 2, batch / tiles + 1);
        assertThat(runs.subList(0, strands)).allMatch(run -> run.size() == size && run.times() > 1);
        assertThat(runs).hasSize(strands + (batch % size == 0 ? 0 : 1));
    }

    /** Few samples are spread evenly, whatever that takes. */
    @Test
    void aSmallBatchIsSpreadEvenly() {
        assertThat(new Tiling(10, 4, 1).runs())
                .extracting(Tiling.Run::size, Tiling.Run::times)
                .hasToString("[(2, 1), (3, 1), (2, 1), (3, 1)]");
    }

    /** A product's weights are read once for 64 rows of a prediction, for 32 where they are trained or beside convolutions. */
    @ParameterizedTest
    @CsvSource({"64, 1, 2, 2", "128, 2, 4, 4"})
    void productsOfAPredictionHaveRowsEnough(int batch, int predicted, int trained, int besideImages) {
        Expr x = Expr.input("x", Shape.of(batch, 512));
        Expr w = Expr.parameter("w", Shape.of(512, 512));
        Expr y = x.matmul(w);
        Expr loss = y.mean();
        Update update = new Update(List.of(w), Gradients.of(loss, List.of(w)), (value, g, state) -> value.sub(g));
        Expr image = Expr.input("image", Shape.of(batch, 1, 4, 4))
                .conv(Expr.parameter("f", Shape.of(1, 1, 3, 3)), ConvSpec.of());
        assertThat(strands(Graph.of(Map.of("y", y)))).isEqualTo(predicted);
        assertThat(strands(Graph.of(new Graph.Stage("step", Map.of("loss", loss), List.of(update)))))
                .isEqualTo(trained);
        assertThat(strands(Graph.of(Map.of("y", y.add(image.sum()))))).isEqualTo(besideImages);
    }

    /** 32 images whose values take 1 MB each: predictions keep two of them in the cache, trainings one beside what gradients need. */
    @Test
    void imagesOfAPredictionShareWhatIsReadOfTheWeights() {
        Expr w = Expr.parameter("w", Shape.of(64, 16, 1, 1));
        Expr y = Expr.input("x", Shape.of(32, 16, 64, 64)).conv(w, ConvSpec.of());
        Expr loss = y.mean();
        Update update = new Update(List.of(w), Gradients.of(loss, List.of(w)), (value, g, state) -> value.sub(g));
        Graph predicts = Graph.of(Map.of("y", y));
        Graph trains = Graph.of(new Graph.Stage("step", Map.of("loss", loss), List.of(update)));
        assertThat(TilingPolicy.of(predicts).orElseThrow().tiles()).isEqualTo(16);
        assertThat(TilingPolicy.of(trains).orElseThrow().tiles()).isEqualTo(32);
    }

    private static int strands(Graph graph) {
        return TilingPolicy.of(graph).map(Tiling::strands).orElse(1);
    }
}
