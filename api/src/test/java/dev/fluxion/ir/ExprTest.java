package dev.fluxion.ir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class ExprTest {
    private final Expr x = Expr.input("x", Shape.of(2, 3));
    private final Interpreter interpreter =
            new Interpreter().bind("x", new Value(Shape.of(2, 3), new double[] {1, 2, 3, 4, 5, 6}));

    private double[] value(Expr e) {
        return interpreter.evaluate(e).data();
    }

    @Test
    void leavesHaveNamesAndShapes() {
        Shape one = Shape.of(1);
        assertThatThrownBy(() -> Expr.input(null, one)).hasMessage("input: the name must not be null");
        assertThatThrownBy(() -> Expr.input("x", null)).hasMessage("input: the shape must not be null");
        assertThatThrownBy(() -> Expr.input("x", one, null)).hasMessage("input: the element type must not be null");
        assertThatThrownBy(() -> Expr.parameter(null, one)).hasMessage("parameter: the name must not be null");
        assertThatThrownBy(() -> Expr.parameter("w", null)).hasMessage("parameter: the shape must not be null");
        assertThatThrownBy(() -> Expr.buffer(null, one)).hasMessage("buffer: the name must not be null");
        assertThatThrownBy(() -> Expr.buffer("b", null)).hasMessage("buffer: the shape must not be null");
        assertThatThrownBy(() -> Expr.uniform(1, null)).hasMessage("uniform: the shape must not be null");
    }

    @Test
    void reducesOverAxes() {
        assertThat(value(x.sum())).containsExactly(21);
        assertThat(value(x.sum(0))).containsExactly(5, 7, 9);
        assertThat(value(x.sum(-1))).containsExactly(6, 15);
        assertThat(value(x.sum(1, 0))).containsExactly(21);
        assertThat(value(x.maxOver(1))).containsExactly(3, 6);
        assertThat(x.sumKeepDims(1).shape()).isEqualTo(Shape.of(2, 1));
        assertThat(x.maxOver(0, 1).shape()).isEqualTo(Shape.scalar());
        assertThat(value(x.mean())[0]).isCloseTo(3.5, within(1e-15));
        assertThat(value(x.mean(0))).containsExactly(2.5, 3.5, 4.5);
        assertThat(value(x.mean(0, 0))).containsExactly(2.5, 3.5, 4.5);
        assertThat(value(x.mean(-2))).containsExactly(2.5, 3.5, 4.5);
    }

    @Test
    void theMaximumWithANumberIsElementByElement() {
        assertThat(value(x.max(4))).containsExactly(4, 4, 4, 4, 5, 6);
        assertThat(value(x.min(2))).containsExactly(1, 2, 2, 2, 2, 2);
    }

    @Test
    void movesElements() {
        assertThat(value(x.transpose(1, 0))).containsExactly(1, 4, 2, 5, 3, 6);
        assertThat(x.transposeLast().shape()).isEqualTo(Shape.of(3, 2));
        assertThat(x.reshape(3, -1).shape()).isEqualTo(Shape.of(3, 2));
        assertThat(x.flatten(0).shape()).isEqualTo(Shape.of(6));
        assertThat(x.flatten(1)).isSameAs(x);
        assertThat(x.flatten(2).shape()).isEqualTo(Shape.of(2, 3, 1));
        assertThat(value(x.slice(-1, 1, 2))).containsExactly(2, 5);
        assertThat(value(x.pad(0, 1, 0, 9))).containsExactly(9, 9, 9, 1, 2, 3, 4, 5, 6);
        assertThat(value(Expr.concat(1, List.of(x, x.slice(1, 0, 1))))).containsExactly(1, 2, 3, 1, 4, 5, 6, 4);
    }

    @Test
    void whatChangesNothingMakesNoNode() {
        assertThat(x.reshape(2, 3)).isSameAs(x);
        assertThat(x.broadcastTo(x.shape())).isSameAs(x);
        assertThat(x.pad(0, 0, 0, 1)).isSameAs(x);
        assertThat(x.toFloat()).isSameAs(x);
        assertThat(Expr.concat(0, List.of(x))).isSameAs(x);
    }

    @Test
    void emptyTensorsAreAllowed() {
        Expr empty = x.slice(0, 0, 0);
        assertThat(empty.shape()).isEqualTo(Shape.of(0, 3));
        assertThat(value(empty.exp().transpose(1, 0))).isEmpty();
        assertThat(value(empty.sum(0))).containsExactly(0, 0, 0);
        assertThat(value(empty.mean())).containsExactly(Double.NaN);
        assertThat(value(empty.softmax(1))).isEmpty();
        assertThat(value(empty.matmul(x.transposeLast()))).isEmpty();
        assertThat(value(x.slice(1, 0, 0).matmul(x.slice(1, 0, 0).transposeLast())))
                .containsExactly(0, 0, 0, 0);
        Expr gradient = Gradients.of(empty.square().sum(), List.of(x)).get(0);
        assertThat(value(gradient)).containsExactly(0, 0, 0, 0, 0, 0);
    }

    @Test
    void integersCompareWithWholeNumbers() {
        assertThat(value(Expr.iota(3).eq(1))).containsExactly(0, 1, 0);
        assertThat(value(Expr.iota(3)
                        .ge(1)
                        .where(Expr.iota(3), Expr.iota(3).toFloat().neg().toInt())))
                .containsExactly(0, 1, 2);
    }

    @Test
    void conversionTruncates() {
        assertThat(value(x.mul(-0.75).toInt())).containsExactly(0, -1, -2, -3, -3, -4);
    }
}
