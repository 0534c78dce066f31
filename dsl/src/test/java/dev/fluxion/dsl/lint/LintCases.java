package dev.fluxion.dsl.lint;

import static dev.fluxion.dsl.layer.Layers.*;
import static dev.fluxion.dsl.lint.Check.*;
import static dev.fluxion.dsl.lint.Runs.*;
import static dev.fluxion.dsl.loss.Losses.*;
import static dev.fluxion.dsl.optim.Optimizers.adam;
import static dev.fluxion.dsl.optim.Optimizers.sgd;

import dev.fluxion.Input;
import dev.fluxion.Layer;
import dev.fluxion.Loss;
import dev.fluxion.Schedule;
import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.data.DataLoader;
import dev.fluxion.data.Dataset;
import dev.fluxion.dsl.layer.Initializers;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.loss.LossReduction;
import dev.fluxion.dsl.optim.Schedules;
import dev.fluxion.dsl.train.Metrics;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Trainings in which something is found, and those that are nearly the same and right. */
final class LintCases {
    /** What is run, and the text that its finding has; empty if there is to be none. */
    record Case(Check check, String what, String text, Supplier<List<Finding>> run) {
        @Override
        public String toString() {
            return check + (text.isEmpty() ? ", not: " : ": ") + what;
        }
    }

    private static final DataLoader BLOBS = shuffled(blobs(96, 1), 16);

    private static Seq net(Layer... last) {
        List<Layer> layers = new ArrayList<>(List.of(linear(4, 8), tanh(), linear(8, 3)));
        layers.addAll(List.of(last));
        return Seq.of(layers.toArray(Layer[]::new));
    }

    private static Case found(Check check, String what, String text, Supplier<List<Finding>> run) {
        return new Case(check, what, text, run);
    }

    private static Case fine(Check check, String what, Supplier<List<Finding>> run) {
        return new Case(check, what, "", run);
    }

    static Stream<Case> all() {
        return Stream.of(scales(), gradients(), schedules(), orders(), data(), inputs(), losses(), units())
                .flatMap(List::stream);
    }

    private static Dataset bits() {
        Dataset blobs = blobs(96, 1);
        float[] bits = new float[96];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = blobs.batch(i).targets().ints()[0] == 1 ? 1 : 0;
        }
        return Dataset.of(blobs.first(96).inputs(), Tensor.of(bits, 96, 1));
    }

    private static List<Case> scales() {
        DataLoader bits = shuffled(bits(), 16);
        Layer share = layer("share()", (scope, x) -> x.exp().div(x.exp().sumKeepDims(1)));
        Layer own = layer("own()", (scope, x) -> {
            Expr e = x.exp();
            return e.div(e.sumKeepDims(1));
        });
        Loss wrapped = new Loss() {
            @Override
            public Expr apply(Expr output, Expr target) {
                return crossEntropy().apply(output, target);
            }

            @Override
            public Shape targetShape(Shape output) {
                return output.without(1);
            }

            @Override
            public DType targetType() {
                return DType.INT;
            }
        };
        return List.of(
                found(
                        OUTPUT_SCALE,
                        "softmax before cross entropy",
                        "it expects logits but its input comes from softmax() at LintCases.java:",
                        () -> fit(net(softmax()), crossEntropy(), adam(1e-2), BLOBS)),
                found(
                        OUTPUT_SCALE,
                        "one of one's own",
                        "comes from own() at LintCases",
                        () -> fit(net(own), crossEntropy(), adam(1e-2), BLOBS)),
                found(
                        OUTPUT_SCALE,
                        "behind another shape",
                        "comes from softmax() at LintCases",
                        () -> fit(net(softmax(), reshape(3, 1), flatten()), crossEntropy(), adam(1e-2), BLOBS)),
                found(
                        OUTPUT_SCALE,
                        "behind dropout",
                        "comes from softmax() at LintCases",
                        () -> fit(net(softmax(), dropout(0.1)), crossEntropy(), adam(1e-2), BLOBS)),
                found(
                        OUTPUT_SCALE,
                        "by name",
                        "crossEntropy() at LintCases",
                        () -> fit(net(softmax()), crossEntropy().on("output", "class"), adam(1e-2), BLOBS)),
                found(
                        OUTPUT_SCALE,
                        "in a loss of one's own",
                        "crossEntropy() at LintCases",
                        () -> fit(net(softmax()), wrapped, adam(1e-2), BLOBS)),
                found(
                        OUTPUT_SCALE,
                        "regularised",
                        "crossEntropy() at LintCases",
                        () -> fit(net(softmax()), regularised(crossEntropy()).l2(1e-4), adam(1e-2), BLOBS)),
                found(
                        OUTPUT_SCALE,
                        "sigmoid twice",
                        "bceWithLogits() at LintCases",
                        () -> fit(Seq.of(linear(4, 1), sigmoid()), bceWithLogits(), adam(1e-2), bits)),
                found(
                        OUTPUT_SCALE,
                        "focal",
                        "focal() at LintCases",
                        () -> fit(Seq.of(linear(4, 1), sigmoid()), focal(), adam(1e-2), bits)),
                found(
                        OUTPUT_SCALE,
                        "logits for nll",
                        "comes from linear(8, 3) at LintCases",
                        () -> fit(net(), nll(), adam(1e-2), BLOBS)),
                found(
                        OUTPUT_SCALE,
                        "probabilities for nll",
                        "comes from softmax() at LintCases",
                        () -> fit(net(softmax()), nll(), adam(1e-2), BLOBS)),
                found(
                        OUTPUT_SCALE,
                        "logits for dice",
                        "it expects probabilities but its input comes from linear",
                        () -> fit(linear(4, 1), dice(), adam(1e-2), bits)),
                fine(OUTPUT_SCALE, "logits", () -> fit(net(), crossEntropy(), adam(1e-2), BLOBS)),
                fine(OUTPUT_SCALE, "logSoftmax", () -> fit(net(logSoftmax()), nll(), adam(1e-2), BLOBS)),
                fine(
                        OUTPUT_SCALE,
                        "logits that were normalised",
                        () -> fit(net(logSoftmax()), crossEntropy(), adam(1e-2), BLOBS)),
                fine(OUTPUT_SCALE, "no share", () -> fit(net(share), mse(), adam(1e-2), shuffled(line3(), 16))),
                fine(
                        OUTPUT_SCALE,
                        "sigmoid and bce",
                        () -> fit(Seq.of(linear(4, 1), sigmoid()), bce(), adam(1e-2), bits)),
                fine(
                        OUTPUT_SCALE,
                        "softmax within",
                        () -> fit(Seq.of(linear(4, 8), softmax(), linear(8, 3)), crossEntropy(), adam(1e-2), BLOBS)));
    }

    private static Dataset line3() {
        return Dataset.of(line(96, 1).first(96).inputs(), Tensor.full(0.3f, 96, 3));
    }

    private static List<Case> gradients() {
        Layer spare = layer("spare()", (scope, x) -> {
            scope.parameter("idle", Shape.of(3), Initializers.ones());
            return x;
        });
        Layer stop = layer("stop()", (scope, x) -> x.stopGradient());
        return List.of(
                found(
                        NO_GRADIENT,
                        "a parameter that nobody uses",
                        "spare() at LintCases",
                        () -> fit(net(spare), crossEntropy(), adam(1e-2), BLOBS)),
                found(
                        NO_GRADIENT,
                        "behind a stop",
                        "(layer 0 of the model): the loss does not depend on [0.weight, 0.bias], which are trained",
                        () -> fit(behind(stop), crossEntropy(), adam(1e-2), BLOBS)),
                fine(
                        NO_GRADIENT,
                        "frozen",
                        () -> fit(behind(stop), crossEntropy(), adam(1e-2), BLOBS, trainer -> trainer.only("2"))),
                fine(
                        NO_GRADIENT,
                        "rows of a table that no sample has",
                        () -> fit(
                                Model.of(Seq.of(embedding(50, 4), flatten(), linear(4, 3)), Input.ints("ids", 1)),
                                crossEntropy(),
                                adam(1e-2),
                                shuffled(ids(), 16),
                                trainer -> trainer)));
    }

    private static Seq behind(Layer stop) {
        return Seq.of(linear(4, 8), stop, linear(8, 3));
    }

    private static Dataset ids() {
        int[] ids = new int[96];
        int[] labels = new int[96];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = i * 7 % 5;
            labels[i] = ids[i] % 3;
        }
        return Dataset.of(Tensor.of(ids, Shape.of(96, 1)), Tensor.of(labels, Shape.of(96)));
    }

    private static List<Case> schedules() {
        return List.of(
                found(
                        ZERO_LEARNING_RATE,
                        "integers",
                        "trainer: the schedule's factor(0), for epoch 1/3, makes the learning rate 0",
                        () -> scheduled(epoch -> 1 / 2)),
                found(ZERO_LEARNING_RATE, "steps after its end", "factor(", () -> scheduled(steps(8))),
                fine(ZERO_LEARNING_RATE, "a warm-up from 0", () -> scheduled(warm())),
                fine(ZERO_LEARNING_RATE, "cosine", () -> scheduled(Schedules.cosine(3))));
    }

    private static Schedule warm() {
        return Schedules.lambda(step -> Math.min(1, step / 4.0)).bySteps();
    }

    private static Schedule steps(int most) {
        return Schedules.lambda(step -> Math.max(0, 1 - step / (double) most)).bySteps();
    }

    private static List<Finding> scheduled(Schedule schedule) {
        return fit(net(), crossEntropy(), adam(1e-2), BLOBS, t -> t.epochs(3).schedule(schedule));
    }

    private static List<Case> orders() {
        Dataset sorted = blobs(96, 1, i -> i / 32);
        return List.of(
                found(
                        UNSHUFFLED,
                        "class by class",
                        "the samples come class by class: 93 of 95",
                        () -> fit(
                                net(),
                                crossEntropy(),
                                adam(1e-2),
                                DataLoader.of(sorted).batch(16))),
                found(
                        UNSHUFFLED,
                        "often in the same order",
                        "1200 samples come in the same order in each of 2",
                        () -> fit(
                                net(),
                                crossEntropy(),
                                adam(1e-2),
                                DataLoader.of(blobs(1200, 1)).batch(100),
                                t -> t.epochs(2))),
                fine(UNSHUFFLED, "shuffled", () -> fit(net(), crossEntropy(), adam(1e-2), shuffled(sorted, 16))),
                fine(
                        UNSHUFFLED,
                        "once",
                        () -> fit(
                                net(),
                                crossEntropy(),
                                adam(1e-2),
                                DataLoader.of(blobs(1200, 1)).batch(100))),
                fine(
                        UNSHUFFLED,
                        "few",
                        () -> fit(
                                net(),
                                crossEntropy(),
                                adam(1e-2),
                                DataLoader.of(blobs(24, 1)).batch(8),
                                t -> t.epochs(5))),
                fine(
                        UNSHUFFLED,
                        "in one batch",
                        () -> fit(
                                net(),
                                crossEntropy(),
                                adam(1e-2),
                                DataLoader.of(sorted).batch(96),
                                t -> t.epochs(5))),
                fine(
                        UNSHUFFLED,
                        "one by one",
                        () -> fit(
                                net(),
                                crossEntropy(),
                                adam(1e-3),
                                DataLoader.of(sorted).batch(1))),
                fine(
                        UNSHUFFLED,
                        "a curriculum",
                        () -> fit(
                                net(),
                                crossEntropy(),
                                adam(1e-2),
                                DataLoader.of(sorted).batch(16).order((n, batch, epoch) -> IntStream.range(0, n)
                                        .toArray()),
                                t -> t.epochs(2))));
    }

    private static List<Case> data() {
        Seq normed = Seq.of(linear(4, 8), batchNorm(8), relu(), linear(8, 3));
        Seq images = Seq.of(conv(1, 4, 3), batchNorm(4), relu(), flatten(), linear(144, 2));
        Dataset all = blobs(200, 1);
        return List.of(
                found(
                        BATCH_OF_ONE,
                        "of images",
                        "batchNorm(4) at LintCases.java:",
                        () -> fit(images, crossEntropy(), adam(1e-3), shuffled(small(33), 16))),
                fine(
                        BATCH_OF_ONE,
                        "left out",
                        () -> fit(
                                normed,
                                crossEntropy(),
                                adam(1e-2),
                                shuffled(blobs(33, 1), 16).dropLast(true))),
                fine(BATCH_OF_ONE, "of two", () -> fit(normed, crossEntropy(), adam(1e-2), shuffled(blobs(34, 1), 16))),
                fine(
                        BATCH_OF_ONE,
                        "without a normalisation",
                        () -> fit(net(), crossEntropy(), adam(1e-2), shuffled(blobs(33, 1), 16))),
                fine(
                        BATCH_OF_ONE,
                        "layers that normalise samples",
                        () -> fit(
                                Seq.of(linear(4, 8), layerNorm(8), linear(8, 3)),
                                crossEntropy(),
                                adam(1e-2),
                                shuffled(blobs(33, 1), 16))),
                found(
                        ONE_CLASS,
                        "labels",
                        "all labels of 96 samples are 2",
                        () -> fit(net(), crossEntropy(), adam(1e-2), shuffled(blobs(96, 1, i -> 2), 16))),
                found(
                        ONE_CLASS,
                        "bits",
                        "all labels of 96 samples are 0",
                        () -> fit(
                                linear(4, 1),
                                bceWithLogits(),
                                adam(1e-2),
                                shuffled(Dataset.of(all.first(96).inputs(), Tensor.zeros(96, 1)), 16))),
                fine(
                        ONE_CLASS,
                        "a rare one",
                        () -> fit(net(), crossEntropy(), adam(1e-2), shuffled(blobs(96, 1, i -> i == 50 ? 1 : 2), 16))),
                fine(
                        ONE_CLASS,
                        "a few samples",
                        () -> fit(net(), crossEntropy(), adam(1e-2), shuffled(blobs(8, 1, i -> 2), 4))),
                fine(
                        ONE_CLASS,
                        "numbers",
                        () -> fit(
                                linear(4, 1),
                                mse(),
                                adam(1e-2),
                                shuffled(Dataset.of(all.first(96).inputs(), Tensor.zeros(96, 1)), 16))),
                found(
                        OVERLAP,
                        "one sample",
                        "1 of 51 samples that were looked at are training data, too, such as 149",
                        () -> evaluated("", all.rows(0, 150), all.rows(149, 200))),
                found(
                        OVERLAP,
                        "the same",
                        "it measures on the training data themselves",
                        () -> evaluated("", all, all)),
                found(
                        OVERLAP,
                        "a part",
                        "the evaluation 'test': 50 of 50",
                        () -> evaluated(
                                "test",
                                all,
                                Dataset.of(
                                        all.rows(0, 50).first(50).inputs(),
                                        all.first(50).targets()))),
                fine(OVERLAP, "apart", () -> evaluated("", all.rows(0, 150), all.rows(150, 200))),
                fine(OVERLAP, "the training data by name", () -> evaluated("training", all, all)),
                fine(
                        OVERLAP,
                        "what is alike by chance",
                        () -> fit(
                                Model.of(Seq.of(embedding(50, 4), flatten(), linear(4, 3)), Input.ints("ids", 1)),
                                crossEntropy(),
                                adam(1e-2),
                                shuffled(ids(), 16),
                                t -> t.evaluate(DataLoader.of(ids()).batch(96), Metrics.accuracy()))));
    }

    private static List<Finding> evaluated(String name, Dataset train, Dataset test) {
        DataLoader loader = DataLoader.of(test).batch(test.size());
        return fit(
                net(),
                crossEntropy(),
                adam(1e-2),
                shuffled(train, 16),
                t -> name.isEmpty()
                        ? t.evaluate(loader, Metrics.accuracy())
                        : t.evaluate(name, loader, Metrics.accuracy()));
    }

    private static Dataset small(int count) {
        return pictures(count).map(batch -> new Batch(scaled(batch.inputs()), batch.targets()));
    }

    private static Tensor scaled(Tensor x) {
        float[] y = x.floats().clone();
        for (int i = 0; i < y.length; i++) {
            y[i] = y[i] / 127 - 1;
        }
        return Tensor.of(y, x.shape());
    }

    private static List<Case> inputs() {
        Layer div = layer("div()", (scope, x) -> x.div(255));
        DataLoader raw = shuffled(pictures(64), 16);
        return List.of(
                found(
                        INPUT_SCALE,
                        "pixels",
                        "linear(64, 2).weightInit(zeros()) at LintCases.java:",
                        () -> fit(
                                Seq.of(flatten(), linear(64, 2).weightInit(Initializers.zeros())),
                                crossEntropy(),
                                adam(1e-6),
                                raw)),
                found(
                        INPUT_SCALE,
                        "columns",
                        "it goes from -",
                        () -> fit(linear(4, 1), mse(), adam(1e-4), shuffled(line(64, 500), 16))),
                fine(
                        INPUT_SCALE,
                        "pixels that were scaled",
                        () -> fit(
                                Seq.of(flatten(), linear(64, 2)), crossEntropy(), adam(1e-4), shuffled(small(64), 16))),
                fine(
                        INPUT_SCALE,
                        "pixels that a layer scales",
                        () -> fit(Seq.of(div, flatten(), linear(64, 2)), crossEntropy(), adam(1e-4), raw)),
                fine(
                        INPUT_SCALE,
                        "pixels that are normalised",
                        () -> fit(Seq.of(batchNorm(1), flatten(), linear(64, 2)), crossEntropy(), adam(1e-4), raw)),
                fine(INPUT_SCALE, "outliers", () -> fit(linear(4, 1), mse(), adam(1e-4), shuffled(line(64, 3), 16))));
    }

    private static List<Case> losses() {
        Seq loud = Seq.of(linear(4, 8), tanh(), linear(8, 3).weightInit(Initializers.normal(0, 100)));
        Seq calm = Seq.of(linear(4, 3).weightInit(Initializers.zeros()).biasInit(Initializers.zeros()));
        DataLoader noise = shuffled(line(96, 1), 16);
        return List.of(
                found(
                        FIRST_LOSS,
                        "far from guessing",
                        "crossEntropy() at LintCases.java:",
                        () -> fit(loud, crossEntropy(), sgd(1e-6), BLOBS)),
                fine(FIRST_LOSS, "near it", () -> fit(net(), crossEntropy(), sgd(0.1), BLOBS)),
                fine(
                        FIRST_LOSS,
                        "of sums, whose guess is another",
                        () -> fit(net(), crossEntropy().reduction(LossReduction.SUM), sgd(1e-3), BLOBS)),
                found(
                        LOSS_GROWS,
                        "of numbers",
                        "at learning rate 3",
                        () -> fit(linear(4, 1), mse(), sgd(3), noise, t -> t.epochs(4))),
                found(
                        LOSS_GROWS,
                        "of classes",
                        "the loss has grown from",
                        () -> fit(
                                Seq.of(linear(4, 32), relu(), linear(32, 3)),
                                crossEntropy(),
                                sgd(300),
                                BLOBS,
                                t -> t.epochs(20))),
                fine(LOSS_GROWS, "at a small rate", () -> fit(linear(4, 1), mse(), sgd(0.1), noise, t -> t.epochs(10))),
                fine(
                        LOSS_GROWS,
                        "one by one",
                        () -> fit(linear(4, 1), mse(), sgd(0.01), shuffled(line(96, 1), 1), t -> t.epochs(4))),
                found(
                        NOTHING_LEARNED,
                        "at a tiny rate",
                        "the loss is 1.099 after 300 steps",
                        () -> fit(calm, crossEntropy(), sgd(1e-7), BLOBS, t -> t.epochs(60))),
                fine(
                        NOTHING_LEARNED,
                        "in a warm-up",
                        () -> fit(calm, crossEntropy(), adam(1e-2), BLOBS, t -> t.epochs(60)
                                .schedule(warmUp()))),
                fine(
                        NOTHING_LEARNED,
                        "what is learnt",
                        () -> fit(calm, crossEntropy(), adam(1e-2), BLOBS, t -> t.epochs(60))));
    }

    private static Schedule warmUp() {
        return Schedules.lambda(step -> step < 290 ? 1e-5 : 1).bySteps();
    }

    private static List<Case> units() {
        Seq dead = Seq.of(linear(4, 8).biasInit(Initializers.constant(-50)), relu(), linear(8, 3));
        Seq half = Seq.of(
                linear(4, 8),
                layer("half()", (scope, x) -> x.sub(Expr.constant(Tensor.vector(0, 0, 0, 0, 0, 9, 9, 9)))),
                relu(),
                linear(8, 3));
        return List.of(
                found(
                        DEAD_UNITS,
                        "all of a layer",
                        "relu() at LintCases.java:",
                        () -> fit(dead, crossEntropy(), adam(1e-3), BLOBS, t -> t.epochs(40))),
                found(
                        DEAD_UNITS,
                        "channels",
                        "4 of its 4 units are 0 for all of 256 samples",
                        () -> fit(
                                Seq.of(
                                        conv(1, 4, 3).biasInit(Initializers.constant(-50)),
                                        relu(),
                                        flatten(),
                                        linear(144, 2)),
                                crossEntropy(),
                                adam(1e-3),
                                shuffled(small(64), 16),
                                t -> t.epochs(60))),
                fine(DEAD_UNITS, "a few", () -> fit(half, crossEntropy(), adam(1e-3), BLOBS, t -> t.epochs(40))),
                fine(
                        DEAD_UNITS,
                        "leaky ones",
                        () -> fit(
                                Seq.of(linear(4, 8).biasInit(Initializers.constant(-50)), leakyRelu(), linear(8, 3)),
                                crossEntropy(),
                                adam(1e-3),
                                BLOBS,
                                t -> t.epochs(40))));
    }
}
