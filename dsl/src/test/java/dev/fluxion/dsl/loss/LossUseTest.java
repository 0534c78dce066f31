package dev.fluxion.dsl.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Layer;
import dev.fluxion.Loss;
import dev.fluxion.MultiLoss;
import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.Numeric;
import dev.fluxion.dsl.layer.Layers;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.optim.Optimizers;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.Training;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Value;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The three ways to use a loss: alone, as an objective, within a model. */
class LossUseTest {
    /** The channels of a single sample are divided between threads; what the loss refuses is looked at as a whole. */
    @Test
    void probabilitiesOfASingleImageTrain() {
        Tensor image = Tensor.full(0.5f, 1, 32, 8, 8);
        try (Model model = Model.of(Seq.of(Layers.conv(32, 32, 3).pad(1), Layers.sigmoid()), 32, 8, 8)
                .threads(2)) {
            Training training = model.training(Losses.bce(), Optimizers.sgd(0.1));
            double first = training.step(new Batch(image, image));
            assertThat(training.step(new Batch(image, image))).isLessThan((float) first);
        }
    }

    @Test
    void aloneOnTensors() {
        Evaluation e = Evaluation.of(Losses.l1(), Tensor.vector(1, 2, 3), Tensor.vector(1, 2, 5));
        assertThat(e.value().item()).isCloseTo(2 / 3.0, within(1e-15));
        assertThat(e.gradient(0).data()).containsExactly(new double[] {0, 0, -1 / 3.0}, within(1e-15));
        assertThat(e.gradient(1).data()).containsExactly(new double[] {0, 0, 1 / 3.0}, within(1e-15));
        Evaluation classes =
                Evaluation.of(Losses.crossEntropy(), Tensor.of(new float[] {.1f, .2f, .3f}, 1, 3), Tensor.labels(1));
        assertThat(classes.value().item()).isCloseTo(1.1019, within(5e-5));
        assertThat(classes.gradients()).containsOnlyKeys(0);
        Evaluation lambda = Evaluation.of((x, y) -> x.sub(y).abs().pow(3).sum(), Tensor.vector(3), Tensor.vector(1));
        assertThat(lambda.value().item()).isEqualTo(8);
        assertThat(lambda.gradient(0).data()).containsExactly(12);
        MultiLoss three = in -> in[0].mul(in[1]).mul(in[2]).sum();
        assertThat(Evaluation.of(three, Tensor.vector(2), Tensor.vector(3), Tensor.vector(5))
                        .gradient(1)
                        .data())
                .containsExactly(10);
    }

    @Test
    void aFormulaGivesALossForEachElement() {
        Value x = Numeric.vector(3, 1);
        assertThatThrownBy(() -> Evaluation.of(
                        Losses.elementwise("sums()", (a, b) -> a.sub(b).sum()), x, x))
                .hasMessageMatching(
                        "sums\\(\\) at LossUseTest.java:\\d+: the formula must give a loss for each element, "
                                + "2, but gives scalar; leave sum\\(\\) and mean\\(\\) to reduction\\(…\\)");
        assertThatThrownBy(() -> Evaluation.of(Losses.elementwise("none()", (a, b) -> null), x, x))
                .hasMessage("none() returned null, expected an expression");
    }

    @Test
    void aLambdaOverElementsGetsEverything() {
        ElementwiseLoss cubes =
                Losses.elementwise("cubes()", (x, y) -> x.sub(y).abs().pow(3));
        Value x = Numeric.vector(3, 1);
        Value y = Numeric.vector(1, 2);
        assertThat(Evaluation.of(cubes, x, y).value().item()).isEqualTo(4.5);
        assertThat(Evaluation.of(cubes.reduction(LossReduction.NONE), x, y)
                        .value()
                        .data())
                .containsExactly(8, 1);
        assertThat(Evaluation.of(cubes, x, y, Numeric.vector(2, 1)).value().item())
                .isEqualTo(8.5);
        assertThat(cubes.broadcast(true)).hasToString("cubes().broadcast(true)");
    }

    @Test
    void lossesOfSeveralInputsAreObjectives() {
        train(Losses.stacked(Losses.tripletMargin()), Shape.of(3, 2), Tensor.labels(7, 8));
        train(Losses.stacked(Losses.cosineEmbedding()), Shape.of(2, 3), Tensor.vector(1, -1));
        train(Losses.stacked(Losses.contrastive()), Shape.of(2, 3), Tensor.vector(1, 0));
        train(Losses.stacked(Losses.marginRanking(1)), Shape.of(2), Tensor.vector(1, -1));
        train(Losses.stacked(Losses.gaussianNll().eps(10)), Shape.of(2, 3), Tensor.zeros(2, 3), true);
        train(Losses.ctc(), Shape.of(4, 3), Tensor.of(new int[] {1, 2, -1, 1, 1, 2, -1, -1}, Shape.of(2, 4)));
    }

    private static void train(Loss loss, Shape output, Tensor targets) {
        train(loss, output, targets, false);
    }

    /** Two samples through a linear layer; a few steps make the loss smaller. */
    private static void train(Loss loss, Shape output, Tensor targets, boolean positive) {
        int[] dims = new int[output.rank() + 1];
        dims[0] = -1;
        System.arraycopy(output.dims(), 0, dims, 1, output.rank());
        Layer shaped = (scope, x) -> {
            var y = x.reshape(dims);
            return loss instanceof Ctc ? y.logSoftmax(2) : positive ? y.square() : y;
        };
        Tensor inputs = Tensor.of(new float[] {1, 2, -1, .5f, -2, 1, 3, .5f}, 2, 4);
        try (Model model = Model.of(Seq.of(Layers.linear(4, output.size()), shaped), 4)) {
            Training training = model.training(loss, Optimizers.sgd(.01));
            Batch batch = new Batch(inputs, targets);
            float first = training.step(batch);
            for (int i = 0; i < 20; i++) {
                training.step(batch);
            }
            assertThat(training.step(batch)).as("%s", loss).isLessThan(first);
        }
    }

    @Test
    void aStackThatDoesNotFitIsExplained() {
        Loss triplet = Losses.stacked(Losses.tripletMargin());
        assertThat(triplet.targetShape(Shape.of(5, 3, 7))).isEqualTo(Shape.of(5));
        assertThat(Losses.stacked(Losses.cosineEmbedding()).targetShape(Shape.of(5, 2, 7)))
                .isEqualTo(Shape.of(5));
        assertThat(Losses.stacked(Losses.gaussianNll()).targetShape(Shape.of(5, 2, 7)))
                .isEqualTo(Shape.of(5, 7));
        assertThat(triplet).hasToString("stacked(tripletMargin())");
        assertThatThrownBy(() -> triplet.targetShape(Shape.of(5, 2, 7)))
                .hasMessage("tripletMargin(): expected outputs N×3×…, axis 1 holding anchor, positive, negative, "
                        + "but got 5×2×7");
        assertThatThrownBy(() ->
                        triplet.apply(Expr.input("x", Shape.of(5, 3, 7)), Expr.input("labels", Shape.of(4), DType.INT)))
                .hasMessageContaining("expected targets 5 but got 4");
        assertThatThrownBy(() -> Losses.stacked(in -> in[0])).hasMessageContaining("need names");
    }

    @Test
    void aLossIsANodeOfAModel() {
        Layer distanceFromTwice = (scope, x) -> Losses.mse()
                .reduction(LossReduction.NONE)
                .apply(x.mul(2), x)
                .add(Losses.l1().apply(x, x.mul(3)));
        Value y = Numeric.run(Seq.of(distanceFromTwice), true, Numeric.value(Shape.of(1, 2), 1, 3));
        assertThat(y.data()).containsExactly(1 + 4, 9 + 4);
        Numeric.checkGradient(
                Seq.of(Layers.linear(2, 2), distanceFromTwice), true, Numeric.value(Shape.of(1, 2), 1, 3));
    }

    @Test
    void penaltiesArePartOfTheObjective() {
        Tensor x = Tensor.of(new float[] {1, 2}, 1, 2);
        Tensor y = Tensor.of(new float[] {0}, 1, 1);
        try (Model model = Model.of(Layers.linear(2, 1), 2)) {
            float[] w = model.parameters().values().get("weight").floats();
            float plain = gradient(model, Losses.mse(), x, y);
            float square = gradient(model, Losses.regularised(Losses.mse()).l2(.5), x, y);
            float absolute = gradient(model, Losses.regularised(Losses.mse()).l1(.5), x, y);
            float none =
                    gradient(model, Losses.regularised(Losses.mse()).l2(.5).only(name -> name.endsWith("bias")), x, y);
            assertThat(square - plain).isCloseTo(w[0], within(1e-6f));
            assertThat(absolute - plain).isCloseTo(.5f * Math.signum(w[0]), within(1e-6f));
            assertThat(none).isEqualTo(plain);
            Regularised penalty = Losses.regularised(Losses.mse()).l2(.5);
            assertThat(gradient(model, penalty.only("bias"), x, y)).isEqualTo(plain);
            assertThat(gradient(model, penalty.only("bias", "weight"), x, y)).isEqualTo(square);
            assertThat(gradient(model, penalty.only("bias").only("weight"), x, y))
                    .isEqualTo(square);
        }
        assertThat(Losses.regularised(Losses.mse()).l2(.5)).hasToString("regularised(mse()).l2(0.5)");
    }

    @Test
    void penaltiesAreOfPartsByTheirPathsAsTrainingsAre() {
        Layer net = Seq.of(Layers.linear(2, 2), Seq.of(Layers.linear(2, 1).named("out")));
        Batch batch = new Batch(Tensor.full(1, 1, 2), Tensor.full(1, 1, 1));
        try (Model model = Model.of(net, 2)) {
            Regularised whole = Losses.regularised(Losses.mse()).l1(1);
            Training all = model.training(Losses.mse(), Optimizers.sgd(0));
            double plain = all.step(batch);
            double first = sum(model, "0.weight", "0.bias");
            double second = sum(model, "1.out.weight", "1.out.bias");

            assertThat(step(model, whole.only("0"), batch)).isCloseTo(plain + first, within(1e-5));
            assertThat(step(model, whole.only("1"), batch)).isCloseTo(plain + second, within(1e-5));
            assertThat(step(model, whole.only("1.out", "0"), batch)).isCloseTo(plain + first + second, within(1e-5));

            String known = "; there are [0.weight, 0.bias, 1.out.weight, 1.out.bias]";
            for (String unknown : List.of("heat", "0.", "1.o", "", "0.weights")) {
                refuses(
                        model,
                        whole.only("0", unknown),
                        batch,
                        "there is no parameter to penalise in '" + unknown + "'");
            }
            refuses(model, whole.only(), batch, "no parameter is left to penalise" + known);
            refuses(model, whole.only(name -> false), batch, "no parameter is left to penalise" + known);
        }
        assertThat(Evaluation.of(Losses.regularised(Losses.mse()).l1(1).only("0"), batch.targets(), batch.targets())
                        .value()
                        .item())
                .isZero();
    }

    private static double step(Model model, Loss loss, Batch batch) {
        return model.training(loss, Optimizers.sgd(0)).step(batch);
    }

    private static void refuses(Model model, Loss loss, Batch batch, String message) {
        assertThatThrownBy(() -> step(model, loss, batch))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message);
    }

    private static double sum(Model model, String... names) {
        double sum = 0;
        for (String name : names) {
            for (float w : model.parameters().get(name).floats()) {
                sum += Math.abs(w);
            }
        }
        return sum;
    }

    private static float gradient(Model model, Loss loss, Tensor x, Tensor y) {
        Training training = model.training(loss, Optimizers.sgd(.1));
        training.zeroGrad();
        training.forward(new Batch(x, y));
        training.backward();
        return training.gradient("weight").floats()[0];
    }

    @Test
    void distributions() {
        Value p = Numeric.value(Shape.of(2, 2), .5, .5, 1, 0);
        assertThat(Evaluation.of(in -> Losses.entropy(in[0]), p).value().data())
                .containsExactly(new double[] {Math.log(2), 0}, within(1e-15));
        Value q = Numeric.value(Shape.of(2, 2), .25, .75, 1, 0);
        assertThat(Evaluation.of(in -> Losses.crossEntropy(in[0], in[1]), p, q)
                        .value()
                        .data())
                .containsExactly(new double[] {-.5 * Math.log(.25) - .5 * Math.log(.75), 0}, within(1e-15));
    }

    @Test
    void lossesPrintAsWritten() {
        assertThat(Losses.bceWithLogits().posWeight(Tensor.zeros(3, 1)).strict(true))
                .hasToString("bceWithLogits().posWeight(3×1).strict(true)");
        assertThat(Losses.bceWithLogits().posWeight(3).strict(true))
                .hasToString("bceWithLogits().posWeight(3).strict(true)");
        assertThat(Losses.tripletMargin().margin(2).p(1).swap(true))
                .hasToString("tripletMargin().margin(2).p(1).swap(true)");
        assertThat(Losses.huber(.5).reduction(LossReduction.BATCH_MEAN))
                .hasToString("huber(0.5).reduction(BATCH_MEAN)");
        assertThat(Losses.dice().axes(2, 3).tversky(.3, .7)).hasToString("dice().axes(2, 3).tversky(0.3, 0.7)");
        assertThat(Losses.cosineEmbedding(.2)).hasToString("cosineEmbedding(0.2)");
    }
}
