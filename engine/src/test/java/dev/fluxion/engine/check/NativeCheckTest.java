package dev.fluxion.engine.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Layer;
import dev.fluxion.Loss;
import dev.fluxion.Tensor;
import dev.fluxion.check.GradCheck;
import dev.fluxion.check.Report;
import dev.fluxion.engine.catalogue.Case;
import dev.fluxion.engine.catalogue.OperatorCatalogue;
import dev.fluxion.engine.catalogue.Row;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import dev.fluxion.ir.Value;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NativeCheckTest {
    private static final int CASES = 6;

    private final Layer net = (scope, x) -> {
        Expr weight = scope.parameter("conv", Shape.of(4, 1, 3, 3), NativeCheckTest::normal);
        Expr head = scope.parameter("head", Shape.of(16, 3), NativeCheckTest::normal);
        ConvSpec same = new ConvSpec(Size.of(1), Size.of(1), Size.of(1), 1);
        return x.conv(weight, same)
                .relu()
                .maxPool(PoolSpec.of(Size.of(2)))
                .flatten(1)
                .matmul(head);
    };
    private final Loss crossEntropy = (output, target) -> output.logSoftmax(1)
            .gather(1, target.reshape(output.shape().dim(0), 1))
            .mean()
            .neg();
    private final GradCheck model = GradCheck.of(net, crossEntropy, input(5, 1, 4, 4), Tensor.labels(0, 1, 2, 1, 0));

    private static void normal(float[] values, Shape shape, RandomGenerator random) {
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
    }

    private static Tensor input(int... dims) {
        Tensor t = Tensor.zeros(dims);
        for (int i = 0; i < t.size(); i++) {
            t.floats()[i] = (float) Math.sin(3 * i + 1);
        }
        return t;
    }

    @ParameterizedTest
    @MethodSource("dev.fluxion.engine.catalogue.OperatorCatalogue#rows")
    void operatorsAndTheirGradientsStayWithinTheirBounds(Row row) {
        for (int seed = 0; seed < CASES; seed++) {
            Case c = row.at(seed);
            boolean smooth = !c.differentiable().isEmpty();
            boolean number = c.output().dtype() == DType.FLOAT;
            GradCheck check = GradCheck.of(
                            smooth || !number ? c.output() : c.output().stopGradient())
                    .with(c.inputs())
                    .wrt(c.differentiable().toArray(String[]::new))
                    .seed(seed);
            Report report = NativeCheck.of(check).run();
            assertThat(report.passed()).as("%s, seed %d: %s", row, seed, report).isTrue();
        }
    }

    @Test
    void aModelWithItsLossPasses() {
        Report report = NativeCheck.of(model).run().orThrow();
        assertThat(report.skipped()).isEmpty();
        assertThat(report.checked())
                .hasSize(1 + 80 + 36 + 48)
                .extracting(Report.Entry::place)
                .contains("value", "gradient by input[4, 0, 3, 3]", "gradient by conv[3, 0, 2, 2]");
        assertThat(report.toString())
                .startsWith("float32 check passed (165 checked, 0 wrong, 0 skipped, tolerance 1);");
        NativeCheck.of(model.seed(7)).threads(2).run().orThrow();
    }

    @Test
    void theBoundsAreNotVacuous() {
        NativeCheck check = NativeCheck.of(model);
        assertThat(check.slack(1e-3).run().failures()).hasSizeGreaterThan(20);
        for (String tampered : check.compute().keySet()) {
            Map<String, Tensor> wrong = new TreeMap<>(check.compute());
            float[] data = wrong.get(tampered).floats();
            int largest = 0;
            for (int i = 0; i < data.length; i++) {
                largest = Math.abs(data[i]) > Math.abs(data[largest]) ? i : largest;
            }
            data[largest] *= 1.001f;
            assertThat(check.compare(wrong).failures()).as(tampered).hasSize(1);
            data[largest] = Float.NaN;
            assertThat(check.compare(wrong).failures()).as(tampered).hasSize(1);
        }
    }

    @Test
    void whereFloatsCannotTellNothingIsCompared() {
        Expr x = Expr.input("x", Shape.of(2));
        Expr cancelled = x.add(1e8).sub(1e8);
        Report report = NativeCheck.of(GradCheck.of(cancelled).with("x", Tensor.vector(1, 2)))
                .run();
        assertThat(report.skipped())
                .extracting(Report.Skipped::toString)
                .containsExactly("value[0]: float32 cannot tell", "value[1]: float32 cannot tell");
        Report tooLarge = NativeCheck.of(GradCheck.of(x.exp().square()).with("x", Tensor.vector(1, 80)))
                .run()
                .orThrow();
        assertThat(tooLarge.skipped()).extracting(Report.Skipped::place).contains("value[1]");
    }

    @Test
    void whatIsNotFiniteIsLookedAtBeforeAnythingIsSkipped() {
        Expr x = Expr.input("x", Shape.of(2));
        Tensor at = Tensor.vector(0, 2);
        Expr cut = x.gt(0).where(x.sqrt(), Expr.constant(0));
        Report gradient = NativeCheck.of(GradCheck.of(cut).with("x", at)).run();
        assertThat(gradient.failures()).extracting(Report.Entry::place).containsExactly("gradient by x[0]");

        NativeCheck value = NativeCheck.of(GradCheck.of(x.log().stopGradient()).with("x", at));
        value.run().orThrow();
        Map<String, Tensor> finite = new TreeMap<>(value.compute());
        finite.get("value").floats()[0] = -Float.MAX_VALUE;
        assertThat(value.compare(finite).failures())
                .extracting(Report.Entry::place)
                .containsExactly("value[0]");

        NativeCheck cancelled = NativeCheck.of(GradCheck.of(x.add(1e8).sub(1e8)).with("x", at));
        Map<String, Tensor> undefined = new TreeMap<>(cancelled.compute());
        undefined.get("value").floats()[1] = Float.NaN;
        assertThat(cancelled.compare(undefined).failures())
                .extracting(Report.Entry::place)
                .containsExactly("value[1]");
    }

    @Test
    void valuesAreRoundedOnBothSides() {
        Expr x = Expr.input("x", Shape.of(1));
        NativeCheck.of(GradCheck.of(x.sub(0.1f)).with("x", new Value(Shape.of(1), new double[] {0.1})))
                .run()
                .orThrow();
    }

    @Test
    void randomNumbersAreTheSame() {
        Expr x = Expr.input("x", Shape.of(50));
        Expr dropped = x.mul(Expr.uniform(3, x.shape()).ge(0.5));
        NativeCheck.of(GradCheck.of(dropped).draw("x", NativeCheckTest::normal).seed(11))
                .run()
                .orThrow();
    }

    /** A softmax behind a mask is compared in every element, whatever hides elements, and however it is composed. */
    @Test
    void masksHideNothingFromTheCheck() {
        Shape shape = Shape.of(3, 4);
        Expr x = Expr.input("x", shape);
        for (double hides : new double[] {-1e9, -1e30, Double.NEGATIVE_INFINITY}) {
            Tensor table = Tensor.zeros(3, 4);
            Tensor flags = Tensor.zeros(3, 4);
            for (int i : new int[] {1, 4, 5, 6, 11}) {
                table.floats()[i] = (float) hides;
                flags.floats()[i] = 1;
            }
            Expr mask = Expr.constant(table);
            Expr hidden = Expr.constant(flags).ne(0);
            Expr number = Expr.constant(hides);
            for (Expr masked : List.of(
                    x.add(mask),
                    mask.add(x.square()),
                    x.add(hidden.where(number, Expr.constant(0))),
                    hidden.where(number, x))) {
                for (Expr y : List.of(
                        masked.softmax(1),
                        masked.softmax(-1).matmul(x.transposeLast()),
                        masked.logSoftmax(1).exp(),
                        masked.sub(masked.maxKeepDims(1).stopGradient()).exp())) {
                    Report report = NativeCheck.of(GradCheck.of(y).with("x", input(3, 4)))
                            .run()
                            .orThrow();
                    assertThat(report.skipped())
                            .as("%s, %s of %s", hides, y.op(), masked.op())
                            .isEmpty();
                }
            }
        }
    }

    @Test
    void aBadSlackIsRefused() {
        assertThatThrownBy(() -> NativeCheck.of(model).slack(0))
                .hasMessage("the slack must be finite and above 0 but is 0.0");
    }

    @Test
    void theCatalogueIsLookedAt() {
        assertThat(OperatorCatalogue.rows()).hasSizeGreaterThan(50);
    }
}
