package dev.fluxion.ir.fn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Tensor;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import dev.fluxion.ir.Value;
import dev.fluxion.ir.ValueException;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** What PyTorch leaves open or has no row of its own: ties, several elements at one place, NaN, and what is refused. */
class FamiliesTest {
    private static final Expr X = Expr.input("x", Shape.of(2, 3));
    private static final Expr N = Expr.input("n", Shape.of(2, 3), DType.INT);

    private static double[] values(Expr e) {
        return new Interpreter().evaluate(e).data();
    }

    private static Expr vector(double... elements) {
        float[] data = new float[elements.length];
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) elements[i];
        }
        return Expr.constant(Tensor.of(data, Shape.of(data.length)));
    }

    private static Expr ints(int... elements) {
        return Expr.constant(Tensor.labels(elements));
    }

    private static double[] gradient(Expr y, Expr x, double... at) {
        Expr g = Gradients.of(y.sum(), List.of(x)).get(0);
        return new Interpreter().bind("v", new Value(x.shape(), at)).evaluate(g).data();
    }

    @Test
    void theLastOfSeveralStays() {
        Expr own = vector(9, 9, 9, 9);
        Expr index = ints(2, 0, 2, 2, 0);
        Expr source = Expr.input("v", Shape.of(5));
        Expr y = Scatter.replace(own, 0, index, source);
        Interpreter interpreter = new Interpreter().bind("v", new Value(Shape.of(5), new double[] {1, 2, 3, 4, 5}));
        assertThat(interpreter.evaluate(y).data()).containsExactly(5, 9, 4, 9);
        assertThat(gradient(y, source, 1, 2, 3, 4, 5)).containsExactly(0, 0, 0, 1, 1);
    }

    @Test
    void zerosOfAProductHaveTheirGradient() {
        Expr v = Expr.input("v", Shape.of(3));
        assertThat(gradient(Reductions.prod(v), v, 2, 0, 3)).containsExactly(0, 6, 0);
        assertThat(gradient(Scatter.prod(vector(5), 0, ints(0, 0, 0), v), v, 2, 0, 3))
                .containsExactly(0, 30, 0);
    }

    @Test
    void whatTiesSharesTheGradient() {
        Expr v = Expr.input("v", Shape.of(2));
        assertThat(gradient(Reductions.min(v), v, 2, 2)).containsExactly(0.5, 0.5);
        assertThat(gradient(Scatter.max(vector(-1), 0, ints(0, 0), v), v, 2, 2)).containsExactly(0.5, 0.5);
        assertThat(gradient(v.clamp(-1, 1), v, -1, 2)).containsExactly(1, 0);
        assertThat(gradient(Reductions.l2(v), v, 0, 0)).containsExactly(0, 0);
    }

    @Test
    void nanIsTheLargest() {
        Expr zero = Expr.constant(0);
        Expr v = Expr.concat(0, List.of(vector(3, 1), zero.div(zero).reshape(1), vector(2)));
        assertThat(values(Sorting.sort(v, 0).indices())).containsExactly(1, 3, 0, 2);
        assertThat(values(Sorting.topK(v, 2, 0).indices())).containsExactly(2, 0);
        assertThat(values(Reductions.argMax(v, 0))).containsExactly(2);
        assertThat(values(Reductions.argMin(v, 0))).containsExactly(2);
        assertThat(values(Reductions.min(v))).containsExactly(Double.NaN);
        assertThat(values(Reductions.any(v.sub(v), 0))).containsExactly(1);
        assertThat(values(v.clamp(1.5, 2.5))).containsExactly(2.5, 1.5, Double.NaN, 2);
        assertThat(values(Sorting.sort(vector(0, -0.0, 0), 0).indices())).containsExactly(0, 1, 2);
        assertThat(values(Sorting.sortDescending(ints(1, 2, 2, 1), 0).indices()))
                .containsExactly(1, 2, 0, 3);
    }

    @Test
    void largeNumbersDoNotOverflow() {
        assertThat(values(Reductions.norm(vector(3e30, 3e30), 3))[0]).isCloseTo(Math.cbrt(2) * 3e30, within(1e24));
        assertThat(values(Reductions.l2(vector(3e30, 4e30)))[0]).isCloseTo(5e30, within(1e24));
        assertThat(values(Reductions.logSumExp(vector(1000, 1000)))[0]).isEqualTo(1000 + Math.log(2));
        double infinity = Double.POSITIVE_INFINITY;
        assertThat(values(Reductions.logSumExp(vector(-infinity, -infinity)))).containsExactly(-infinity);
        assertThat(values(Reductions.logSumExp(vector(infinity, 1)))).containsExactly(infinity);
    }

    private static Offset<Double> within(double offset) {
        return Offset.offset(offset);
    }

    @Test
    void stepsGoBothWays() {
        Expr v = ints(0, 1, 2, 3, 4, 5);
        assertThat(values(Selection.slice(v, 0, 5, -1, -2))).containsExactly(5, 3, 1);
        assertThat(values(Selection.slice(v, 0, 1, 6, 3))).containsExactly(1, 4);
        assertThat(values(Selection.slice(v, 0, 3, 3, 1))).isEmpty();
        assertThat(values(Selection.roll(v, 0, -8))).containsExactly(2, 3, 4, 5, 0, 1);
        assertThat(values(Selection.flip(v))).containsExactly(5, 4, 3, 2, 1, 0);
    }

    @Test
    void integersWrapAroundAndDivideDownwards() {
        Expr v = ints(-7, 7, Integer.MAX_VALUE, Integer.MIN_VALUE);
        assertThat(values(v.div(2))).containsExactly(-4, 3, 1073741823, -1073741824);
        assertThat(values(v.add(1))).containsExactly(-6, 8, Integer.MIN_VALUE, -2147483647);
        assertThat(values(v.mul(3))).containsExactly(-21, 21, 2147483645, Integer.MIN_VALUE);
        assertThatThrownBy(() -> values(v.div(ints(1, 2, 0, 3))))
                .isInstanceOf(ValueException.class)
                .hasMessageContaining("the divisor of integers must not be 0");
        assertThatThrownBy(() -> v.add(0.5)).hasMessageContaining("integers cannot be combined with 0.5");
    }

    @Test
    void whatDoesNotFitIsTold() {
        refused(
                () -> Reductions.argMax(X.slice(1, 0, 0), 1),
                "argMax of 2×0: expected an extent from 1 to 16777216" + " along axis 1 but it is 0");
        refused(() -> Reductions.min(X.slice(1, 0, 0), 1), "max[1] of 2×0: there is no largest element of none");
        refused(() -> Sorting.topK(X, 4, 1), "topK of 2×3: expected k from 0 to the extent of axis 1, 3, but it is 4");
        refused(
                () -> Selection.take(X, 0, X),
                "take: expected integers as the index but got floating-point numbers 2×3");
        refused(
                () -> Selection.slice(X, 1, 0, 4, 2),
                "slice of 2×3: expected a range inside axis 1, whose extent is 3,"
                        + " and a step that goes from its first to its last but got from 0 to 4 by 2");
        refused(() -> Selection.slice(X, 1, 0, 3, 0), "but got from 0 to 3 by 0");
        refused(() -> Selection.slice(X, 1, 0, 2, -1), "but got from 0 to 2 by -1");
        refused(() -> Selection.tile(X, -1), "tile: expected numbers of at least 0 but got -1");
        refused(() -> Selection.tile(X, Integer.MAX_VALUE), "tile needs extents of at most 2147483647");
        refused(() -> Creation.arange(0, 1, -1), "arange: expected a step from 0.0 towards 1.0 but it is -1.0");
        refused(() -> Creation.oneHot(X, 3), "oneHot: expected integers as the index");
        refused(() -> Matrices.tril(X.sum(0), 0), "tril and triu: expected matrices along the last two axes but got 3");
        refused(
                () -> Scatter.max(X, 1, N.slice(0, 0, 1), X),
                "scatter max: expected integers as the index and"
                        + " floating-point numbers as the source, both of the shape 2×3 but for axis 1, but got the index INT 1×3,"
                        + " the source FLOAT 2×3 and FLOAT 2×3");
        refused(() -> Matrices.einsum("ij,jk", X), "einsum(\"ij,jk\"): expected 2 operands but there are 1");
        refused(() -> Matrices.einsum("i->i", X), "expected a letter for each axis of 2×3 in 'i'");
        refused(() -> Matrices.einsum("ij->ii", X), "expected each letter of the result once");
        refused(() -> Matrices.einsum("ij->k", X), "expected letters of the result that operands have");
        refused(() -> Matrices.einsum("ij,ij", X, X.transposeLast()), "expected one extent of 'i' but got 2 and 3");
        refused(() -> Matrices.einsum("ii", X), "expected a square where a letter occurs twice but got 2×3");
        refused(() -> Matrices.einsum("i1", X), "expected letters in 'i1'");
        refused(() -> Matrices.einsum("ij->i->j", X), "expected at most one ->");
    }

    private static void refused(ThrowingCallable make, String message) {
        assertThatThrownBy(make).isInstanceOf(ShapeException.class).hasMessageContaining(message);
    }

    @Test
    void indicesThatDoNotFitAreTold() {
        assertThatThrownBy(() -> values(Scatter.max(vector(1, 2), 0, ints(0, 2), vector(3, 4))))
                .isInstanceOf(ValueException.class)
                .hasMessageContaining("scatter max: indices must be from 0 to 1")
                .hasMessageContaining("[1] is 2");
        assertThatThrownBy(() -> values(Creation.oneHot(ints(0, 3), 3)))
                .isInstanceOf(ValueException.class)
                .hasMessageContaining("oneHot: classes must be from 0 to 2");
        assertThatThrownBy(() -> values(Selection.take(vector(1, 2), 0, ints(-1))))
                .isInstanceOf(ValueException.class);
    }

    @Test
    void aNormHasAnExponentFromOne() {
        assertThatThrownBy(() -> Reductions.norm(vector(1, 2), 0.5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("norm: the exponent must be at least 1 but is 0.5");
    }
}
