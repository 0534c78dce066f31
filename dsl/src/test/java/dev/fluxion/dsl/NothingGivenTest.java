package dev.fluxion.dsl;

import static dev.fluxion.dsl.layer.Layers.concat;
import static dev.fluxion.dsl.layer.Layers.conv;
import static dev.fluxion.dsl.layer.Layers.layer;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.layer.Layers.residual;
import static dev.fluxion.dsl.loss.Losses.elementwise;
import static dev.fluxion.dsl.loss.Losses.mse;
import static dev.fluxion.dsl.loss.Losses.regularised;
import static dev.fluxion.dsl.loss.Losses.stacked;
import static dev.fluxion.dsl.optim.Optimizers.sgd;
import static dev.fluxion.dsl.train.Metrics.accuracy;
import static dev.fluxion.dsl.train.Metrics.mean;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.fluxion.Layer;
import dev.fluxion.Loss;
import dev.fluxion.Metric;
import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.data.DataLoader;
import dev.fluxion.data.Dataset;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.loss.ElementwiseLoss;
import dev.fluxion.dsl.loss.Evaluation;
import dev.fluxion.dsl.loss.Regularised;
import dev.fluxion.dsl.optim.Schedules;
import dev.fluxion.dsl.train.LossCurve;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.Trainer;
import dev.fluxion.dsl.train.Training;
import dev.fluxion.dsl.train.TrainingListener;
import dev.fluxion.engine.Parameters;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Value;
import java.util.function.Predicate;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Where null is given instead of something that is needed, as a layer, a loss or a file, it is told instead of what. */
class NothingGivenTest {
    private static final DataLoader DATA = DataLoader.of(Dataset.of(Tensor.zeros(1, 2), Tensor.zeros(1, 2)));

    @Test
    void theLayerThatIsNullIsTold() {
        assertThat(refused(() -> Seq.of(linear(3), null)))
                .isEqualTo("Seq at here: layer 1, after linear(3) at here, must not be null");
        assertThat(refused(() -> Seq.of(null, linear(3)))).isEqualTo("Seq at here: layer 0 must not be null");
        assertThat(refused(() -> Seq.of((Layer[]) null))).isEqualTo("Seq at here: layer 0 must not be null");
        assertThat(refused(() -> Seq.of(relu(), (scope, x) -> x, null)))
                .isEqualTo("Seq at here: layer 2, after lambda, must not be null");
        assertThat(refused(() -> concat(linear(3), null)))
                .isEqualTo("concat at here: branch 1, after linear(3) at here, must not be null");
        assertThat(refused(() -> residual(null))).isEqualTo("residual at here: the body must not be null");
        assertThat(refused(() -> residual(relu()).shortcut(null)))
                .isEqualTo("residual at here: the shortcut must not be null");
        assertThat(refused(() -> layer("own()", null))).isEqualTo("own() at here: the body must not be null");
        assertThat(refused(() -> Model.of(null, 2))).isEqualTo("Model.of: the layer must not be null");
    }

    @Test
    void thePathThatIsNullIsTold() {
        Trainer trainer = Trainer.of(mse(), sgd(1));
        String message = "only: part 1, after \"5\", must not be null";
        try (Model model = Model.of(linear(2, 2), 2)) {
            assertThat(refused(() -> model.training(mse(), sgd(1)).only("5", null)))
                    .isEqualTo(message);
        }
        assertThat(refused(() -> trainer.only("5", null))).isEqualTo(message);
        assertThat(refused(() -> regularised(mse()).only("5", null))).isEqualTo(message);
        assertThat(refused(() -> trainer.only((String[]) null))).isEqualTo("only: part 0 must not be null");
    }

    @Test
    void whatIsMeasuredAndWhoListensIsThere() {
        Trainer trainer = Trainer.of(mse(), sgd(1));
        assertThat(refused(() -> trainer.evaluate(DATA, accuracy(), null)))
                .isEqualTo("evaluate: metric 1, after accuracy, must not be null");
        assertThat(refused(() -> trainer.evaluate(DATA, (Metric[]) null)))
                .isEqualTo("evaluate: metric 0 must not be null");
        assertThat(refused(() -> trainer.listen(new LossCurve()).listen(null)))
                .isEqualTo("trainer: listener 1 must not be null");
        try (Model model = Model.of(linear(2, 2), 2)) {
            assertThat(refused(() -> model.evaluate(DATA, accuracy(), null)))
                    .isEqualTo("evaluate: metric 1, after accuracy, must not be null");
        }
        assertThat(refused(() -> mean(null))).isEqualTo("mean: the loss must not be null");
        assertThat(refused(() -> mean("mae", null))).isEqualTo("mean: the loss must not be null");
        assertThat(refused(() -> mean(null, mse()))).isEqualTo("mean: the name must not be null");
        assertThat(refused(() -> Evaluation.of(mse(), Tensor.vector(1), null)))
                .isEqualTo("mse(): input 1 must not be null");
    }

    @Test
    void whatIsTrainedAndHowIsThere() {
        Trainer trainer = Trainer.of(mse(), sgd(1));
        assertThat(refused(() -> Trainer.of(null, sgd(1)))).isEqualTo("trainer: the loss must not be null");
        assertThat(refused(() -> Trainer.of(mse(), null))).isEqualTo("trainer: the optimizer must not be null");
        assertThat(refused(() -> trainer.schedule(null))).isEqualTo("trainer: the schedule must not be null");
        assertThat(refused(() -> trainer.evaluate(null, accuracy()))).isEqualTo("evaluate: the data must not be null");
        assertThat(refused(() -> trainer.fit(null, DATA))).isEqualTo("fit: the model must not be null");
        assertThat(refused(() -> regularised(null))).isEqualTo("regularised(…): the loss must not be null");
        assertThat(refused(() -> new Regularised(mse(), 0, 0, null)))
                .isEqualTo("regularised(…): the choice of parameters must not be null");
        String message = "only: the condition on names must not be null";
        assertThat(refused(() -> trainer.only((Predicate<String>) null))).isEqualTo(message);
        assertThat(refused(() -> regularised(mse()).only((Predicate<String>) null)))
                .isEqualTo(message);
        try (Model model = Model.of(linear(2, 2), 2)) {
            Training training = model.training(mse(), sgd(1));
            assertThat(refused(() -> trainer.fit(model, null))).isEqualTo("fit: the data must not be null");
            assertThat(refused(() -> model.training(null, sgd(1)))).isEqualTo("training: the loss must not be null");
            assertThat(refused(() -> model.training(mse(), null)))
                    .isEqualTo("training: the optimizer must not be null");
            assertThat(refused(() -> training.only((Predicate<String>) null))).isEqualTo(message);
            assertThat(refused(() -> training.step(null))).isEqualTo("step: the batch must not be null");
            assertThat(refused(() -> training.forward(null))).isEqualTo("forward: the batch must not be null");
        }
    }

    @Test
    void whatAModelReadsAndWritesIsThere() {
        try (Model model = Model.of(linear(2, 2), 2)) {
            Parameters parameters = model.parameters();
            assertThat(refused(() -> model.predict((Tensor) null))).isEqualTo("predict: the samples must not be null");
            assertThat(refused(() -> model.predict((Tensors) null))).isEqualTo("predict: the inputs must not be null");
            assertThat(refused(() -> model.probabilities(null)))
                    .isEqualTo("probabilities: the samples must not be null");
            assertThat(refused(() -> model.evaluate(null, accuracy())))
                    .isEqualTo("evaluate: the data must not be null");
            assertThat(refused(() -> model.save(null))).isEqualTo("save: the file must not be null");
            assertThat(refused(() -> model.load(null))).isEqualTo("load: the file must not be null");
            assertThat(refused(() -> parameters.load(null))).isEqualTo("load: the map of values must not be null");
            assertThat(refused(() -> parameters.set("weight", null)))
                    .isEqualTo("set: the value of 'weight' must not be null");
        }
        assertThat(refused(() -> new LossCurve().save(null))).isEqualTo("save: the file must not be null");
    }

    @Test
    void whatLayersAndLossesAreToldIsThere() {
        assertThat(refused(() -> linear(3).weightInit(null)))
                .isEqualTo("linear(3) at here: weightInit must not be null");
        assertThat(refused(() -> conv(3, 1).weightInit(null)))
                .isEqualTo("conv(3, 1) at here: weightInit must not be null");
        assertThat(refused(() -> linear(3).named(null))).isEqualTo("linear(3) at here: the name must not be null");
        assertThat(refused(() -> stacked(null))).isEqualTo("stacked: the loss must not be null");
        assertThat(refused(() -> elementwise(null, Expr::sub))).isEqualTo("elementwise: the text must not be null");
        assertThat(refused(() -> elementwise("own()", null))).isEqualTo("own(): the formula must not be null");
        assertThat(refused(() -> new ElementwiseLoss.Formula("own()", Expr::sub, null, false)))
                .isEqualTo("own(): the check of targets must not be null");
    }

    @Test
    void whatIsEvaluatedIsThere() {
        Tensor one = Tensor.vector(1);
        Value number = Value.scalar(1);
        assertThat(refused(() -> Evaluation.of((Loss) null, one, one)))
                .isEqualTo("Evaluation: the loss must not be null");
        assertThat(refused(() -> Evaluation.of((Loss) null, number, number)))
                .isEqualTo("Evaluation: the loss must not be null");
        assertThat(refused(() -> Evaluation.of(mse(), number, null))).isEqualTo("mse(): input 1 must not be null");
        assertThat(refused(() -> Evaluation.of(mse(), (Tensor[]) null))).isEqualTo("mse(): input 0 must not be null");
        assertThat(refused(() -> accuracy().sum(null, one))).isEqualTo("accuracy: the output must not be null");
        assertThat(refused(() -> accuracy().sum(one, null))).isEqualTo("accuracy: the target must not be null");
        assertThat(refused(() -> mean(mse()).sum(null, one))).isEqualTo("mse(): the output must not be null");
        assertThat(refused(() -> mean("mae", mse()).sum(one, null))).isEqualTo("mae: the target must not be null");
    }

    @Test
    void whatATrainingIsToldByIsThere() {
        assertThat(refused(() -> Schedules.lambda(null))).isEqualTo("lambda: the factor must not be null");
        assertThat(refused(() -> Schedules.warmUp(3, null))).isEqualTo("warmUp: what follows must not be null");
        assertThat(refused(() -> TrainingListener.lines(1, null))).isEqualTo("lines: where lines go must not be null");
    }

    private static String refused(ThrowingCallable make) {
        return catchThrowableOfType(IllegalArgumentException.class, make)
                .getMessage()
                .replaceAll("NothingGivenTest\\.java:\\d+", "here");
    }
}
