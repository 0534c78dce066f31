package dev.fluxion.dsl.layer;

import static dev.fluxion.dsl.layer.Layers.concat;
import static dev.fluxion.dsl.layer.Layers.conv;
import static dev.fluxion.dsl.layer.Layers.globalAvgPool;
import static dev.fluxion.dsl.layer.Layers.inline;
import static dev.fluxion.dsl.layer.Layers.layer;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.maxPool;
import static dev.fluxion.dsl.layer.Layers.product;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.layer.Layers.residual;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.fluxion.Layer;
import dev.fluxion.Scope;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What layers and their parameters are called. */
class NamesTest {
    private static Set<String> names(Layer layer) {
        Scope scope = Scope.root(true);
        layer.apply(scope, Expr.input("x", Shape.of(2, 5)));
        return scope.parameters().keySet();
    }

    /** A layer holds no weights; each of its places has some. */
    @Test
    void theSameLayerTwiceHasTwoSetsOfWeights() {
        Linear twice = linear(3, 3);
        try (Model model = Model.of(Seq.of(twice, relu(), twice), 3)) {
            assertThat(model.parameters().names()).containsExactly("0.weight", "0.bias", "2.weight", "2.bias");
            assertThat(model.parameters().get("0.weight"))
                    .isNotEqualTo(model.parameters().get("2.weight"));
            assertThat(model.summary().parameters()).isEqualTo(24);
        }
    }

    @Test
    void aNameCountsAlsoWhereALayerIsTheWholeModel() {
        assertThat(names(linear(5, 3).bias(false).named("fc"))).containsExactly("fc.weight");
        assertThat(names(Seq.of(linear(4), linear(3).bias(false)).named("net")))
                .containsExactly("net.0.weight", "net.0.bias", "net.1.weight");
        assertThat(names(residual(linear(5).bias(false)).named("r"))).containsExactly("r.body.weight");
        assertThat(names(concat(linear(5).bias(false)).named("c"))).containsExactly("c.0.weight");
        assertThat(names(product(linear(5).named("gate"), linear(5).bias(false))))
                .containsExactly("gate.weight", "gate.bias", "1.weight");
        assertThat(names(layer("own()", (scope, x) -> linear(4).bias(false).apply(scope, x))
                        .named("p")))
                .containsExactly("p.weight");
        Shape images = Shape.of(1, 2, 6, 6);
        assertThat(Summary.of(Seq.of(conv(2, 2, 3).named("c"), maxPool(2).named("m")), images)
                        .rows())
                .extracting(Summary.Row::path)
                .containsExactly("c", "m");
        assertThat(Summary.of(conv(2, 2, 3).named("c"), images).rows())
                .extracting(Summary.Row::path)
                .containsExactly("c");
        assertThat(Summary.of(maxPool(2).named("m"), images).rows())
                .extracting(Summary.Row::path)
                .containsExactly("m");
    }

    /** The names of the blocks of a ResNet in torchvision. */
    @Test
    void aPartMayHaveNoPlaceInNames() {
        Seq body = Seq.of(
                conv(4, 3).pad(1).bias(false).named("conv1"),
                relu(),
                conv(4, 3).pad(1).bias(false).named("conv2"));
        Seq downsample = Seq.of(conv(4, 1).bias(false)).named("downsample");
        Seq first = Seq.of(inline(residual(inline(body)).shortcut(downsample)), relu());
        Seq second = Seq.of(inline(residual(inline(body))), relu());
        Seq net = Seq.of(
                Seq.of(first, second).named("layer1"),
                globalAvgPool(),
                linear(2).named("fc"));
        try (Model model = Model.of(net, 3, 5, 5)) {
            assertThat(model.parameters().names())
                    .containsExactly(
                            "layer1.0.conv1.weight",
                            "layer1.0.conv2.weight",
                            "layer1.0.downsample.0.weight",
                            "layer1.1.conv1.weight",
                            "layer1.1.conv2.weight",
                            "fc.weight",
                            "fc.bias");
        }
        assertThat(names(Seq.of(
                        inline((scope, x) -> linear(5).bias(false).apply(scope, x)),
                        linear(5).bias(false))))
                .containsExactly("weight", "1.weight");
        assertThat(catchThrowableOfType(
                        IllegalArgumentException.class, () -> names(Seq.of(inline(linear(5)), inline(linear(5))))))
                .hasMessageContaining("'weight' is declared twice");
    }

    @Test
    void aStageHasTheSameNamesAloneAndAsAPart() {
        Seq encoder = Seq.of(linear(4), relu(), linear(3).named("code")).named("encoder");
        assertThat(names(Seq.of(encoder, linear(5))))
                .containsAll(names(encoder))
                .contains("encoder.code.weight");
    }

    @Test
    void layersWithinALambdaAreToldApartByTheirNames() {
        Layer twice = (scope, x) -> linear(5)
                .bias(false)
                .named("b")
                .apply(scope, linear(5).bias(false).named("a").apply(scope, x));
        assertThat(names(Seq.of(twice))).containsExactly("0.a.weight", "0.b.weight");

        Layer same = (scope, x) -> linear(2).apply(scope, linear(5).apply(scope, x));
        assertThat(refused(() -> names(Seq.of(same))))
                .isEqualTo("parameter '0.weight' is declared twice, with shape 5×5 by linear(5) and with shape 2×5 by "
                        + "linear(2); give one of the layers a name with named(\"…\")");
    }

    @Test
    void partsThatAreCalledTheSameAreNamedWithTheirPlaces() {
        assertThat(refused(() -> Seq.of(relu().named("a"), linear(3), linear(4).named("a"))))
                .isEqualTo("Seq at NamesTest.java: relu().named(\"a\") at NamesTest.java and linear(4).named(\"a\") at "
                        + "NamesTest.java are both called 'a'; give one of them another name with named(\"…\")");
        assertThat(refused(() -> Seq.of(relu().named("1"), (scope, x) -> x)))
                .isEqualTo("Seq at NamesTest.java: relu().named(\"1\") at NamesTest.java and lambda are both called "
                        + "'1'; give one of them another name with named(\"…\")");
        assertThat(refused(() -> concat(linear(4).named("a"), relu().named("a"))))
                .startsWith("concat at NamesTest.java: linear(4).named(\"a\") at NamesTest.java and relu()");
        assertThat(refused(() -> residual(linear(5).named("shortcut")).shortcut(linear(5))))
                .startsWith("residual at NamesTest.java: linear(5).named(\"shortcut\") at NamesTest.java and linear(5)")
                .contains("are both called 'shortcut'");
        assertThat(names(residual(linear(5).named("a")).shortcut(linear(5).named("b"))))
                .contains("a.weight", "b.weight");
    }

    @Test
    void theSameLayerTwiceHasParametersTwice() {
        Layer one = linear(5).bias(false);
        assertThat(names(Seq.of(one, one))).containsExactly("0.weight", "1.weight");
    }

    @Test
    void misfitsTellThePathWithTheName() {
        ShapeException e = catchThrowableOfType(
                ShapeException.class,
                () -> names(Seq.of(linear(7, 2).named("in")).named("net")));
        assertThat(e).hasMessageContaining("(layer net.in of the model): expected 7 input features");
    }

    private static String refused(ThrowingCallable make) {
        return catchThrowableOfType(IllegalArgumentException.class, make)
                .getMessage()
                .replaceAll("NamesTest\\.java:\\d+", "NamesTest.java");
    }
}
