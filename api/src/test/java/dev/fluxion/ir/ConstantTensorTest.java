package dev.fluxion.ir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Tensor;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ConstantTensorTest {
    private final Tensor source = Tensor.of(new float[] {1, -2, 3, 0.5f, 6, Float.NEGATIVE_INFINITY}, 2, 3);
    private final Expr constant = Expr.constant(source);

    @Test
    void itHasTheValuesItWasMadeOf() {
        Tensor before = Tensor.of(source.floats().clone(), 2, 3);
        source.floats()[0] = 9;
        ((Leaf.Literal) constant.op()).values().floats()[1] = 9;
        assertThat(new Interpreter().evaluate(constant)).isEqualTo(before.toValue());
        assertThat(constant.shape()).isEqualTo(Shape.of(2, 3));
        Expr labels = Expr.constant(Tensor.labels(3, 1));
        assertThat(labels.dtype()).isEqualTo(DType.INT);
        assertThat(new Interpreter().evaluate(labels).data()).containsExactly(3, 1);
    }

    @Test
    void constantsAreEqualByTheirElements() {
        Op op = constant.op();
        assertThat(op)
                .isEqualTo(Expr.constant(source).op())
                .hasSameHashCodeAs(Expr.constant(source).op());
        assertThat(op).isNotEqualTo(Expr.constant(source.reshape(3, 2)).op());
        assertThat(Expr.constant(Tensor.vector(0f)).op())
                .isNotEqualTo(Expr.constant(Tensor.vector(-0f)).op())
                .isNotEqualTo(Expr.constant(Tensor.labels(0)).op());
    }

    @Test
    void itHasNoGradient() {
        Expr x = Expr.input("x", Shape.of(2, 3));
        Expr factor = Expr.constant(Tensor.full(2, 2, 3));
        Expr gradient =
                Gradients.of(x.mul(factor).add(factor).sum(), List.of(x)).get(0);
        assertThat(new Interpreter()
                        .bind("x", Tensor.zeros(2, 3).toValue())
                        .evaluate(gradient)
                        .data())
                .containsOnly(2);
    }

    @Test
    void aLargeOneIsPrintedInShort() {
        assertThat(constant.op()).hasToString("constant [1.0, -2.0, 3.0, 0.5, …]");
        assertThat(Expr.constant(Tensor.labels(1, 2)).op()).hasToString("constant [1, 2]");
        Graph graph = Graph.of(
                Map.of("y", Expr.constant(Tensor.full(0.25f, 1000, 1000)).neg()));
        assertThat(Printer.text(graph))
                .hasSizeLessThan(200)
                .contains("constant [0.25, 0.25, 0.25, 0.25, …] : 1000×1000");
        assertThat(Printer.dot(graph)).hasSizeLessThan(300);
        assertThat(Printer.mermaid(graph)).hasSizeLessThan(300);
    }

    @Test
    void whatNoKernelHoldsIsRefused() {
        assertThatThrownBy(() -> Expr.constant(Tensor.vector(1, Float.NaN)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("constant 2: element 1 is NaN");
        assertThatThrownBy(() -> Expr.constant((Tensor) null)).hasMessageContaining("Expr.constant");
    }

    /** As none of a tensor, an input or a parameter is. */
    static Stream<Arguments> numbers() {
        Expr x = Expr.input("x", Shape.of(2, 3));
        Expr row = Expr.input("row", Shape.of(3));
        return Stream.of(
                number("a constant", Expr::constant),
                number("a constant", x::add),
                number("a constant", x::ge),
                number("the constant of power", x::pow),
                number("the constant of leakyRelu", x::leakyRelu),
                number("the constant of elu", x::elu),
                number("what pads", value -> x.pad(0, 1, 0, value)),
                number("the eps of layerNorm", eps -> x.layerNorm(row, row, eps)),
                number("the eps of groupNorm", eps -> x.groupNorm(1, row, row, eps)));
    }

    private static Arguments number(String what, DoubleFunction<Expr> made) {
        return Arguments.of(what, made);
    }

    @ParameterizedTest
    @MethodSource("numbers")
    void noNumberOfAGraphIsNaN(String what, DoubleFunction<Expr> made) {
        assertThatThrownBy(() -> made.apply(Double.NaN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(what + " must be a number, which may be infinite, but is NaN");
        assertThat(made.apply(Double.POSITIVE_INFINITY)).isNotNull();
    }
}
