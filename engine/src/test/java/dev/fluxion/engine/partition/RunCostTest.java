package dev.fluxion.engine.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Shape;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What runs are estimated to cost beside their rows. */
class RunCostTest {
    private static double product(int from, int to) {
        Expr x = Expr.input("x", Shape.of(1, from));
        return RunCost.inRows(Graph.of(Map.of("y", x.matmul(Expr.parameter("w", Shape.of(from, to))))));
    }

    @Test
    void largeWeightsCostRowsAndSmallProductsTakeLongToStart() {
        assertThat(product(16, 4)).isGreaterThan(100);
        assertThat(product(512, 512)).isBetween(1.0, 10.0);
        assertThat(product(4096, 4096)).isBetween(10.0, 30.0);
    }

    @Test
    void theOverheadOfRowsWithoutElementsIsFinite() {
        Expr x = Expr.input("x", Shape.of(1, 3, 0));
        assertThat(RunCost.inRows(Graph.of(Map.of("y", x.relu())))).isFinite().isPositive();
    }

    /** As of embeddings: a run reads few of a table's rows, however many there are. */
    @Test
    void tablesOfWhichRowsAreReadCostWhatIsRead() {
        assertThat(named(30_000)).isEqualTo(named(8));
    }

    private static double named(int rows) {
        Expr table = Expr.parameter("table", Shape.of(rows, 64));
        Expr ids = Expr.input("ids", Shape.of(8, 1), DType.INT).broadcastTo(Shape.of(8, 64));
        Expr words = table.gather(0, ids).matmul(Expr.parameter("w", Shape.of(64, 64)));
        return RunCost.inRows(Graph.of(Map.of("y", words)));
    }
}
