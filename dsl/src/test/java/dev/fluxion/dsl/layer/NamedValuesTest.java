package dev.fluxion.dsl.layer;

import static dev.fluxion.dsl.layer.Layers.as;
import static dev.fluxion.dsl.layer.Layers.input;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.output;
import static dev.fluxion.dsl.layer.Layers.residual;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Input;
import dev.fluxion.Layer;
import dev.fluxion.Scope;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.ShapeException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamedValuesTest {
    private static final Map<String, Expr> INPUTS = Map.of(
            "ids", Input.ints("ids", 4).expr(2),
            "mask", Input.floats("mask", 4).infinite(true).expr(2));

    private static Expr apply(Layer layer) {
        return layer.apply(Scope.root(false, INPUTS), Input.floats("x", 3).expr(2));
    }

    @Test
    void aLayerTakesAnInputByItsName() {
        Expr mask = apply(Seq.of(linear(5), input("mask")));
        assertThat(mask).hasToString("input(mask) : 2×4");
        assertThat(apply(input("ids")).dtype()).isEqualTo(DType.INT);
    }

    @Test
    void aValueNamedBeforeIsReadAnywhereAfterIt() {
        Layer plus = (scope, x) -> x.add(scope.value("memory"));
        Expr y = apply(Seq.of(Seq.of(linear(5), as("memory")), residual(linear(5)), Seq.of(linear(5), plus)));
        assertThat(y.shape()).hasToString("2×5");
    }

    @Test
    void outputsHaveTheirNamesInTheirOrder() {
        Scope scope = Scope.root(false);
        Expr x = Input.floats("x", 3).expr(2);
        Seq.of(linear(5), output("features"), linear(2), output("logits"), linear(1))
                .apply(scope, x);
        assertThat(scope.outputs().keySet()).containsExactly("features", "logits");
        assertThat(scope.outputs().get("features").shape()).hasToString("2×5");
    }

    @Test
    void anUnknownNameIsToldWithThoseThatThereAre() {
        assertThatThrownBy(() -> apply(Seq.of(linear(5), as("memory"), input("mosk"))))
                .isInstanceOf(ShapeException.class)
                .hasMessageStartingWith("input(\"mosk\") at NamedValuesTest.java:")
                .hasMessageContaining("(layer 2 of the model): there is no value 'mosk' here; there are [")
                .hasMessageContaining(
                        "memory]. Declare it as an input of the model, or name it before with as(\"mosk\")")
                .hasMessageContaining("\n  0 linear(5)     2×3 → 2×5\n  1 as(\"memory\")  2×5 → 2×5");
        assertThatThrownBy(() ->
                        input("x").apply(Scope.root(false), Input.floats("x", 3).expr(1)))
                .hasMessageContaining("there is no value 'x' here; no input or value has a name. Declare it");
    }

    @Test
    void whatIsNamedLaterIsNotThereYet() {
        assertThatThrownBy(() -> apply(Seq.of(input("late"), as("late"))))
                .hasMessageContaining("there is no value 'late' here");
    }

    @Test
    void aNameIsGivenOnce() {
        assertThatThrownBy(() -> apply(Seq.of(as("a"), linear(2), as("a"))))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("two values are called 'a', of shape 2×3")
                .hasMessageContaining("and of shape 2×2 by linear(2); give one of them another name");
        assertThatThrownBy(() -> apply(as("mask"))).hasMessageContaining("two values are called 'mask'");
        assertThatThrownBy(() -> apply(Seq.of(output("a"), output("a"))))
                .hasMessageContaining("two outputs are called 'a'");
        assertThatThrownBy(() -> apply(output("output")))
                .hasMessageContaining("'output' is what the last layer makes; give this output another name");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " "})
    void aNameIsNotBlank(String name) {
        assertThatThrownBy(() -> apply(as(name))).hasMessageContaining("the name of a value must not be blank");
        assertThatThrownBy(() -> apply(output(name))).hasMessageContaining("the name of an output must not be blank");
        assertThatThrownBy(() -> Input.floats(name, 1)).hasMessage("the name of an input must not be blank");
    }
}
