package dev.fluxion.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Layer;
import dev.fluxion.Loss;
import dev.fluxion.MultiLoss;
import dev.fluxion.Tensor;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Origin;
import dev.fluxion.ir.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Checks of losses, layers and models. */
class SubjectsTest {
    private final Tensor a = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
    private final Tensor b = Tensor.of(new float[] {0.5f, 2.5f, 2, 5}, 2, 2);
    private final Loss mse = (output, target) -> output.sub(target).square().mean();
    private final Layer dense =
            (scope, x) -> x.matmul(scope.parameter("weight", Shape.of(x.shape().dim(1), 3), SubjectsTest::positive))
                    .add(scope.parameter("bias", Shape.of(3), (v, s, r) -> Arrays.fill(v, 0.25f)));

    private static void positive(float[] values, Shape shape, RandomGenerator random) {
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat() + 0.5f;
        }
    }

    @Test
    void aLossIsCheckedByItsOutput() {
        Report report = GradCheck.of(mse, a, b).run().orThrow();
        assertThat(report.checked())
                .extracting(Report.Entry::place)
                .containsExactly("output[0, 0]", "output[0, 1]", "output[1, 0]", "output[1, 1]");
        assertThat(GradCheck.of(mse, a, b)
                        .wrt("output", "target")
                        .run()
                        .orThrow()
                        .checked())
                .hasSize(8);
        assertThat(GradCheck.of((output, target) -> output.sub(target).square().mean(), a, b)
                        .run()
                        .passed())
                .isTrue();
    }

    @Test
    void aLossOfManyInputsIsCheckedByAll() {
        MultiLoss triplet = in ->
                in[0].sub(in[1]).square().sub(in[0].sub(in[2]).square()).sum().softplus();
        assertThat(GradCheck.of(triplet, a, b, Tensor.full(0.5f, 2, 2))
                        .run()
                        .orThrow()
                        .checked())
                .hasSize(12)
                .extracting(Report.Entry::place)
                .contains("input0[0, 0]", "input2[1, 1]");
        MultiLoss three = mseOf("output", "target", "weight");
        assertThat(GradCheck.of(three, a, b, Tensor.full(0.5f, 2, 2)).variables())
                .containsExactly("output", "target", "weight");
    }

    private static MultiLoss mseOf(String... names) {
        return new MultiLoss() {
            @Override
            public Expr apply(Expr... in) {
                return in[0].sub(in[1]).square().mul(in[2]).mean();
            }

            @Override
            public List<String> inputs() {
                return List.of(names);
            }
        };
    }

    @Test
    void theReportNamesTheLoss() {
        Loss wrong = (output, target) -> Origin.of(
                "mine()", () -> output.stopGradient().sub(target).mul(output).mean());
        assertThat(GradCheck.of(wrong, a, b).run().toString()).startsWith("gradient check of mine() failed (");
    }

    @Test
    void integerTargetsStayIntegers() {
        Loss nll = (output, target) ->
                output.logSoftmax(1).gather(1, target.reshape(2, 1)).mean().neg();
        assertThat(GradCheck.of(nll, a, Tensor.labels(1, 0)).run().orThrow().checked())
                .hasSize(4);
    }

    @Test
    void aLayerIsCheckedByInputAndParameters() {
        GradCheck check = GradCheck.of(dense, Shape.of(2, 4));
        assertThat(check.variables()).containsExactly("input", "weight", "bias");
        assertThat(check.run().orThrow().checked()).hasSize(8 + 12 + 3);
        assertThat(check.bindings().get("bias").data()).containsExactly(0.25, 0.25, 0.25);
        assertThat(check.bindings()).isEqualTo(check.bindings());
        assertThat(check.seed(3).bindings().get("weight"))
                .isNotEqualTo(check.bindings().get("weight"));
        assertThat(check.seed(3).bindings().get("input"))
                .isNotEqualTo(check.bindings().get("input"));
        check.seed(3).run().orThrow();
        assertThat(check.tensors(Map.of("bias", Tensor.vector(1, 2, 3)))
                        .bindings()
                        .get("bias")
                        .data())
                .containsExactly(1, 2, 3);
        assertThat(GradCheck.of(dense, a).bindings().get("input")).isEqualTo(a.toValue());
    }

    @Test
    void aLargeLayerIsCheckedAlongDirections() {
        GradCheck check = GradCheck.of(dense, Shape.of(4, 100));
        assertThat(check.directions()).isEqualTo(3);
        assertThat(check.run().orThrow().checked()).hasSize(9);
    }

    @Test
    void dropoutIsCheckedInTraining() {
        Layer dropout = (scope, x) -> x.mul(scope.uniform(x.shape()).ge(0.5).mul(scope.training() ? 2 : Double.NaN));
        GradCheck.of(dropout, Shape.of(3, 5)).run().orThrow();
    }

    @Test
    void aModelIsCheckedWithItsLoss() {
        GradCheck check = GradCheck.of(dense, mse, a, Tensor.full(1, 2, 3));
        assertThat(check.bindings().keySet()).containsExactly("input", "weight", "bias", "target");
        assertThat(check.variables()).containsExactly("input", "weight", "bias");
        check.run().orThrow();
        Loss wrong = (output, target) -> output.mul(output.stopGradient()).mean();
        assertThat(GradCheck.of(dense, wrong, a, Tensor.full(1, 2, 3)).run().failures())
                .isNotEmpty();
    }

    @Test
    void inputsOfAnExpressionMayBeDrawn() {
        Expr x = Expr.input("x", Shape.of(5));
        GradCheck check = GradCheck.of(x.log()).draw("x", SubjectsTest::positive);
        check.run().orThrow();
        assertThatThrownBy(() -> GradCheck.of(x.log()).run()).isInstanceOf(IllegalStateException.class);
    }
}
