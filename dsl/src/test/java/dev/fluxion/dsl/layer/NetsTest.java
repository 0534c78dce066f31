package dev.fluxion.dsl.layer;

import static dev.fluxion.dsl.layer.Layers.concat;
import static dev.fluxion.dsl.layer.Layers.conv;
import static dev.fluxion.dsl.layer.Layers.flatten;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.layer.Layers.residual;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Layer;
import dev.fluxion.Scope;
import dev.fluxion.dsl.Numeric;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Value;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class NetsTest {
    @Test
    void theCifarNetHasTheTutorialsShapesNamesAndCounts() {
        assertThat(parameters(TutorialNets.cifar(), TutorialNets.CIFAR_BATCH).toString())
                .isEqualTo("{0.weight=32×3×5×5, 0.bias=32, 2.weight=32×32×5×5, 2.bias=32, "
                        + "4.weight=64×32×5×5, 4.bias=64, 7.weight=64×1024, 7.bias=64, 8.weight=10×64, 8.bias=10}");
        assertThat(Summary.of(TutorialNets.cifar(), TutorialNets.CIFAR_BATCH)).hasToString("""
                   layer                   output       parameters
                   input                   64×3×32×32
                0  conv(3, 32, 5).pad(2)   64×32×32×32       2,432
                1  maxPool(2)              64×32×16×16           0
                2  conv(32, 32, 5).pad(2)  64×32×16×16      25,632
                3  maxPool(2)              64×32×8×8             0
                4  conv(32, 64, 5).pad(2)  64×64×8×8        51,264
                5  maxPool(2)              64×64×4×4             0
                6  flatten()               64×1024               0
                7  linear(1024, 64)        64×64            65,600
                8  linear(64, 10)          64×10               650
                145,578 parameters, 582,312 bytes in float32""");
    }

    @Test
    void theMnistNetHasTheTutorialsShapesNamesAndCounts() {
        Summary summary = Summary.of(TutorialNets.mnist(), TutorialNets.MNIST_BATCH);
        assertThat(summary.parameters()).isEqualTo(121_930);
        assertThat(summary.bytes()).isEqualTo(487_720);
        assertThat(summary.rows().stream().map(r -> r.output().toString()))
                .containsExactly(
                        "64×32×26×26", "64×32×13×13", "64×64×11×11", "64×64×5×5", "64×1600", "64×64", "64×64", "64×10");
        assertThat(parameters(TutorialNets.mnist(), TutorialNets.MNIST_BATCH))
                .containsOnlyKeys(
                        "0.weight", "0.bias", "2.weight", "2.bias", "5.weight", "5.bias", "7.weight", "7.bias");
    }

    @Test
    void untrainedLogitsAreSmall() {
        float[] pixels = new float[3 * 32 * 32];
        Random random = new Random(3);
        double[] data = new double[pixels.length];
        for (int i = 0; i < data.length; i++) {
            data[i] = random.nextDouble();
        }
        Value logits = Numeric.run(TutorialNets.cifar(), false, new Value(Shape.of(1, 3, 32, 32), data));
        assertThat(logits.data()).hasSize(10);
        assertThat(Arrays.stream(logits.data()).map(Math::abs).max().orElse(1)).isLessThan(0.3);
    }

    @Test
    void defaultFirstValuesAreUniformWithinTheBoundOfTheFan() {
        Scope scope = Scope.root(true);
        TutorialNets.cifar().apply(scope, Expr.input("input", TutorialNets.CIFAR_BATCH));
        Map<String, Integer> fans = Map.of("0", 75, "2", 800, "4", 800, "7", 1024, "8", 64);
        for (Scope.Parameter p : scope.parameters().values()) {
            float[] values = new float[p.expr().shape().size()];
            p.initializer().fill(values, p.expr().shape(), new Random(5));
            float bound = (float) (1 / Math.sqrt(fans.get(p.name().substring(0, 1))));
            double largest = 0;
            double square = 0;
            for (float v : values) {
                largest = Math.max(largest, Math.abs(v));
                square += (double) v * v / values.length;
            }
            assertThat(largest).as(p.name()).isLessThanOrEqualTo(bound).isGreaterThan(bound * 0.7);
            if (values.length > 1000) {
                assertThat(Math.sqrt(3 * square) / bound).as(p.name()).isBetween(0.95, 1.05);
            }
        }
    }

    @Test
    void namesNestAndReplacePositions() {
        Layer net = Seq.of(
                conv(4, 3),
                (scope, x) -> x.relu(),
                residual(Seq.of(conv(4, 4, 3).pad(1), relu())),
                Seq.of(concat(conv(4, 2, 1), conv(4, 3, 1).named("wide")), flatten()),
                linear(7).named("head").bias(false));
        assertThat(parameters(net, Shape.of(2, 3, 6, 6)).toString())
                .isEqualTo("{0.weight=4×3×3×3, 0.bias=4, 2.body.0.weight=4×4×3×3, 2.body.0.bias=4, "
                        + "3.0.0.weight=2×4×1×1, 3.0.0.bias=2, 3.0.wide.weight=3×4×1×1, 3.0.wide.bias=3, "
                        + "head.weight=7×80}");
        assertThat(Summary.of(net, Shape.of(2, 3, 6, 6)).rows().stream().map(r -> r.path() + " " + r.layer()))
                .containsExactly(
                        "0 conv(4, 3)",
                        "1 lambda",
                        "2.body.0 conv(4, 4, 3).pad(1)",
                        "2.body.1 relu()",
                        "2 residual(…)",
                        "3.0.0 conv(4, 2, 1)",
                        "3.0.wide conv(4, 3, 1).named(\"wide\")",
                        "3.0 concat(2 branches)",
                        "3.1 flatten()",
                        "head linear(7).bias(false).named(\"head\")");
    }

    @Test
    void parametersOfALambdaCountForIt() {
        Layer scale = (scope, x) -> x.mul(scope.parameter("scale", Shape.of(5), Initializers.ones()));
        assertThat(Summary.of(Seq.of(scale, linear(5, 2)), Shape.of(3, 5))).hasToString("""
                   layer         output  parameters
                   input         3×5
                0  lambda        3×5              5
                1  linear(5, 2)  3×2             12
                17 parameters, 68 bytes in float32""");
        assertThat(Summary.of(linear(5, 2), Shape.of(3, 5))).hasToString("""
                layer         output  parameters
                input         3×5
                linear(5, 2)  3×2             12
                12 parameters, 48 bytes in float32""");
        assertThat(Summary.of(scale, Shape.of(3, 5)).parameters()).isEqualTo(5);
    }

    @Test
    void expressionsRememberTheirLayer() {
        Expr y = TutorialNets.cifar().apply(Scope.root(true), Expr.input("input", TutorialNets.CIFAR_BATCH));
        assertThat(y.origin()).isEqualTo("linear(64, 10)");
    }

    static Map<String, String> parameters(Layer layer, Shape input) {
        Scope scope = Scope.root(true);
        layer.apply(scope, Expr.input("input", input));
        return scope.parameters().values().stream()
                .collect(Collectors.toMap(
                        Scope.Parameter::name, p -> p.expr().shape().toString(), (a, b) -> a, LinkedHashMap::new));
    }
}
