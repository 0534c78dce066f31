package dev.fluxion.engine.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Pooling;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import dev.fluxion.ir.Value;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ErrorAnalysisTest {
    private static final double U = 0x1p-24;

    private final Expr x = Expr.input("x", Shape.of(2));

    private double[] error(Expr e, double... at) {
        return new ErrorAnalysis(new Interpreter().bind("x", new Value(Shape.of(at.length), at)))
                .of(e)
                .error();
    }

    @Test
    void whatOnlyMovesIsExact() {
        assertThat(error(x.reshape(1, 2).transposeLast().pad(0, 1, 0, 7), 1, 2)).containsOnly(0);
    }

    @Test
    void errorsPassThrough() {
        double once = error(x.mul(3), 1, 2)[1];
        assertThat(once).isBetween(6 * U, 60 * U);
        assertThat(error(x.mul(3).mul(100), 1, 2)[1]).isGreaterThan(100 * once);
        assertThat(error(x.mul(3).sub(6), 1, 2)[1]).isCloseTo(once + 4 * U * once + 6 * U, within(12 * U));
    }

    @Test
    void aSumGrowsWithTheRootOfItsLength() {
        double[] ones = new double[10_000];
        Arrays.fill(ones, 1);
        Expr many = Expr.input("x", Shape.of(ones.length));
        assertThat(error(many.sum(), ones)[0]).isEqualTo(8 * 100 * U * 10_000);
    }

    @Test
    void aDecisionThatRoundingMayTurnCounts() {
        Expr near = x.mul(1 / 3.0).sub(1 / 3.0);
        assertThat(error(near.gt(0), 1, 2)).containsExactly(1, 0);
        assertThat(error(near.gt(0).where(x, x.mul(5)), 1, 2)[0]).isGreaterThan(4);
        assertThat(error(x.gt(1), 1, 2)).containsExactly(0, 0);
    }

    @Test
    void aWindowWithEqualElementsIsInDoubtUnlessTheyAreExact() {
        Expr image = x.reshape(1, 1, 1, 2);
        PoolSpec pool = PoolSpec.of(Size.of(1, 2));
        Expr dy = Expr.constant(3).reshape(1, 1, 1, 1);
        Expr exact = new Expr(new Pooling.MaxPoolGrad(pool), List.of(image, dy));
        Expr rounded = new Expr(new Pooling.MaxPoolGrad(pool), List.of(image.mul(1.5), dy));
        assertThat(error(exact, 1, 1)[0]).isLessThan(100 * U);
        assertThat(error(rounded, 1, 1)[0]).isGreaterThan(3);
        assertThat(error(rounded, 1, 2)[0]).isLessThan(100 * U);
    }
}
