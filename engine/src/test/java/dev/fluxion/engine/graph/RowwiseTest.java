package dev.fluxion.engine.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Shape;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class RowwiseTest {
    private static boolean holds(UnaryOperator<Expr> net) {
        return Rowwise.holds(graph(net, 2), graph(net, 3));
    }

    private static Graph graph(UnaryOperator<Expr> net, int rows) {
        return Graph.of(Map.of("y", net.apply(Expr.input("x", Shape.of(rows, 6)))));
    }

    private static int rows(Expr x) {
        return x.shape().dim(0);
    }

    @Test
    void rowsThatAreComputedFromThemselves() {
        Expr w = Expr.parameter("w", Shape.of(6, 4));
        assertThat(holds(x -> x.matmul(w).add(Expr.parameter("b", Shape.of(4))).softmax(-1)))
                .isTrue();
        assertThat(holds(x -> x.reshape(rows(x) * 2, 3).relu().reshape(rows(x), 6)))
                .isTrue();
        assertThat(holds(x -> x.transposeLast().exp().transposeLast())).isTrue();
        assertThat(holds(x -> x.sub(x.maxKeepDims(1)))).isTrue();
        assertThat(holds(x -> x.require(x.ge(0), "each must be positive"))).isTrue();
    }

    @Test
    void rowsThatDependOnOthers() {
        assertThat(holds(x -> x.sub(x.mean(0)))).isFalse();
        assertThat(holds(x -> x.softmax(0))).isFalse();
        assertThat(holds(x -> x.matmul(x.transposeLast()).matmul(x))).isFalse();
        assertThat(holds(x -> x.mul(1.0 / rows(x)))).isFalse();
    }

    @Test
    void rowsThatDependOnTheirPlace() {
        assertThat(holds(x -> x.add(Expr.iota(rows(x)).toFloat().reshape(rows(x), 1))))
                .isFalse();
        assertThat(holds(x -> x.mul(Expr.uniform(1, x.shape())))).isFalse();
    }

    /** Samples dealt into a fixed number of rows; more rows than samples. */
    @Test
    void outputsWhoseRowsAreNotThoseOfTheInput() {
        assertThat(holds(x -> x.reshape(3, -1))).isFalse();
        assertThat(holds(x -> x.reshape(2, -1))).isFalse();
        assertThat(holds(x -> x.reshape(rows(x) * 2, 3))).isFalse();
        assertThat(holds(x -> x.transposeLast())).isFalse();
    }
}
