package dev.fluxion.dsl.loss;

import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.loss.Losses.crossEntropy;
import static dev.fluxion.dsl.loss.Losses.mse;
import static dev.fluxion.dsl.loss.Losses.regularised;
import static dev.fluxion.dsl.optim.Optimizers.sgd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.fluxion.Loss;
import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.Training;
import dev.fluxion.ir.Shape;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/** What a training says when targets or outputs do not suit its loss: what the loss itself says. */
class ObjectivesTest {
    private static final Tensor INPUTS = Tensor.full(1, 2, 5);

    private static String misfit(Loss loss, Tensor targets) {
        Batch batch = new Batch(INPUTS, targets);
        List<BiFunction<Training, Batch, Float>> forms = List.of(Training::step, Training::forward);
        try (Model model = Model.of(linear(5, 3), 5)) {
            List<String> messages = forms.stream()
                    .map(form -> catchThrowableOfType(
                            IllegalArgumentException.class, () -> form.apply(model.training(loss, sgd(1)), batch)))
                    .map(Throwable::getMessage)
                    .distinct()
                    .toList();
            assertThat(messages).hasSize(1);
            return messages.get(0).replaceAll("ObjectivesTest\\.java:\\d+", "here");
        }
    }

    @Test
    void targetsOfAnotherShapeOrTypeAreToldByTheLoss() {
        String integers =
                "crossEntropy() at here: expected integers, a class per position, but got floating-point targets "
                        + "%s; make them with Tensor.labels(…), or use crossEntropyWithProbabilities() for probabilities";
        assertThat(misfit(crossEntropy(), Tensor.zeros(2, 3))).isEqualTo(integers.formatted("2×3"));
        assertThat(misfit(crossEntropy(), Tensor.vector(0, 1))).isEqualTo(integers.formatted("2"));
        assertThat(misfit(crossEntropy(), Tensor.of(new int[2], Shape.of(2, 1))))
                .endsWith("; reshape the targets");
        assertThat(misfit(regularised(mse()), Tensor.vector(1, 2)))
                .isEqualTo("mse() at here: expected targets of the output's shape 2×3 but got 2");
        assertThat(misfit(mse(), Tensor.of(new int[6], Shape.of(2, 3))))
                .isEqualTo("mse() at here: expected floating-point targets but got integers 2×3");
    }

    @Test
    void whatALambdaWouldStretchIsNotTaken() {
        assertThat(misfit((output, target) -> output.sub(target).abs().mean(), Tensor.zeros(2, 1)))
                .isEqualTo("lambda of outputs 2×3: expected floating-point targets 2×3 but got 2×1");
    }

    @Test
    void targetsOfALambdaAreToldHowTheyFit() {
        Loss lambda = (output, target) -> output.sum().add(target.sum());
        assertThat(misfit(lambda, Tensor.zeros(2, 3, 1)))
                .isEqualTo("lambda of outputs 2×3: expected floating-point targets 2×3 but got 2×3×1; reshape them");
    }

    @Test
    void whatIsPenalisedIsWritten() {
        Regularised penalised =
                regularised((output, target) -> output.sub(target).mean());
        assertThat(penalised.l1(2).only("7", "head.weight"))
                .hasToString("regularised(lambda).l1(2).only(\"7\", \"head.weight\")");
        assertThat(penalised.only("7").only(name -> name.endsWith("weight")).l2(1))
                .hasToString("regularised(lambda).l2(1).only(lambda)");
        assertThat(penalised).hasToString("regularised(lambda)");
    }

    @Test
    void lambdasAreCalledLambdas() {
        Loss each = (output, target) -> output.sub(target).abs();
        Loss broken = (output, target) -> output.sub(target.reshape(3, 2)).abs().mean();
        Tensor targets = Tensor.zeros(2, 3);

        assertThat(misfit(each, targets))
                .isEqualTo("lambda: a training needs one number to make small but the loss has shape 2×3; "
                        + "use reduction(MEAN) or reduction(SUM), or mean() or sum() in a lambda");
        assertThat(misfit(regularised(each).l2(1), targets)).startsWith("regularised(lambda).l2(1): a training needs");
        assertThat(misfit(broken, targets))
                .startsWith("lambda of outputs 2×3 and targets 2×3: shapes 2×3 and 3×2 do not broadcast");
    }
}
