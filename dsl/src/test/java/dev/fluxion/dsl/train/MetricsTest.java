package dev.fluxion.dsl.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Loss;
import dev.fluxion.Metric;
import dev.fluxion.Tally;
import dev.fluxion.Tensor;
import dev.fluxion.data.DataLoader;
import dev.fluxion.data.Dataset;
import dev.fluxion.dsl.Factories;
import dev.fluxion.dsl.layer.Layers;
import dev.fluxion.dsl.loss.Evaluation;
import dev.fluxion.dsl.loss.LossReduction;
import dev.fluxion.dsl.loss.Losses;
import dev.fluxion.dsl.metric.Average;
import dev.fluxion.dsl.optim.Optimizers;
import dev.fluxion.ir.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MetricsTest {
    private final Metric accuracy = Metrics.accuracy();

    /** A metric, the factory that makes it, and its value. */
    private record Row(String factory, Metric metric, Tensor output, Tensor target, double value) {}

    static Stream<Row> rows() {
        return Stream.concat(rowsOfClasses(), rowsOfElements());
    }

    /** The largest outputs are those of classes 1, 0 and 2. */
    private static Stream<Row> rowsOfClasses() {
        Tensor logits = Tensor.of(new float[] {1, 2, 0, 5, 5, 1, 0, 1, 2}, 3, 3);
        Tensor labels = Tensor.labels(1, 1, 0);
        double e = Math.E;
        double likely = e * e / (1 + e + e * e);
        double tied = Math.pow(e, 4) / (2 * Math.pow(e, 4) + 1);
        double loss = -(Math.log(likely) + Math.log(tied) + Math.log(likely / e / e)) / 3;
        Map<String, Map.Entry<Metric, Double>> rows = Map.ofEntries(
                row("accuracy()", Metrics.accuracy(), 1 / 3.0),
                row("topAccuracy(int)", Metrics.topAccuracy(2), 2 / 3.0),
                row("precision(Average)", Metrics.precision(Average.MACRO), 1 / 3.0),
                row("recall(Average)", Metrics.recall(Average.MACRO), 1 / 6.0),
                row("f1(Average)", Metrics.f1(Average.MICRO), 1 / 3.0),
                row("dice(Average)", Metrics.dice(Average.MACRO), 2 / 9.0),
                row("iou(Average)", Metrics.iou(Average.WEIGHTED), 1 / 3.0),
                row("logLoss()", Metrics.logLoss(), loss),
                row("perplexity()", Metrics.perplexity(), Math.exp(loss)),
                row("calibrationError()", Metrics.calibrationError(), (2 * likely - 1 + tied) / 3));
        return rows.entrySet().stream()
                .map(r -> new Row(
                        r.getKey(),
                        r.getValue().getKey(),
                        logits,
                        labels,
                        r.getValue().getValue()));
    }

    private static Map.Entry<String, Map.Entry<Metric, Double>> row(String factory, Metric metric, double value) {
        return Map.entry(factory, Map.entry(metric, value));
    }

    private static Stream<Row> rowsOfElements() {
        Tensor x = Tensor.of(new float[] {1, -2, 3, 0}, 4, 1);
        Tensor y = Tensor.of(new float[] {1, 1, 0, 0}, 4, 1);
        Tensor z = Tensor.of(new float[] {1, 2, -4, 8}, 4, 1);
        double calibration = 1 - sigmoid(1) + 1 - sigmoid(-2) + sigmoid(3) + sigmoid(0);
        double loss = -Math.log(sigmoid(1) * sigmoid(-2) * sigmoid(-3) * sigmoid(0));
        return Stream.of(
                new Row("binaryAccuracy()", Metrics.binaryAccuracy(), x, y, 0.5),
                new Row("rocAuc(Average)", Metrics.rocAuc(Average.BINARY), x, y, 0.25),
                new Row("averagePrecision(Average)", Metrics.averagePrecision(Average.BINARY), x, y, 0.5),
                new Row("binaryLogLoss()", Metrics.binaryLogLoss(), x, y, loss / 4),
                new Row("binaryCalibrationError()", Metrics.binaryCalibrationError(), x, y, calibration / 4),
                new Row("mae()", Metrics.mae(), x, y, 1.5),
                new Row("rmse()", Metrics.rmse(), x, y, Math.sqrt(4.5)),
                new Row("mape()", Metrics.mape(), x, z, 4.75 / 4),
                new Row("r2()", Metrics.r2(), x, y, -17),
                new Row("r2(Average)", Metrics.r2(Average.MICRO), x, y, -17),
                new Row("mean(Loss)", Metrics.mean(Losses.mse()), x, y, 4.5),
                new Row("mean(String, Loss)", Metrics.mean("mae", Losses.l1()), x, y, 1.5));
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void measureAsDefined(Row row) {
        Tally tally = row.metric.start();
        assertThat(tally.value()).isNaN();
        tally.add(row.output, row.target);
        assertThat(tally.value()).isCloseTo(row.value, within(row.factory.startsWith("mean") ? 1e-6 : 1e-12));
    }

    @Test
    void everyMetricHasARow() {
        Factories.requireRows(Metrics.class, rows().map(Row::factory).toList());
    }

    @Test
    void accuracyCountsTheRightRows() {
        Tensor logits = Tensor.of(new float[] {1, 2, 0, 5, 5, 1, 0, 1, 2}, 3, 3);
        assertThat(accuracy.name()).isEqualTo("accuracy");
        assertThat(accuracy.sum(logits, Tensor.labels(1, 0, 2))).isEqualTo(3);
        assertThat(accuracy.sum(logits, Tensor.labels(1, 1, 0))).isEqualTo(1);
    }

    /** With seven positions a sample, the share of a batch is rounded, and shares of batches would not add up. */
    @Test
    void accuraciesAreTheSameInAnyBatches() {
        for (int seed = 0; seed < 20; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            float[] x = new float[9 * 2 * 7];
            int[] labels = new int[9 * 7];
            float[] bits = new float[9 * 2 * 7];
            for (int i = 0; i < x.length; i++) {
                x[i] = random.nextInt(-9, 9);
                bits[i] = random.nextInt(2);
            }
            Arrays.setAll(labels, i -> random.nextInt(4) == 0 ? -100 : random.nextInt(2));
            Tensor outputs = Tensor.of(x, 9, 2, 7);
            requireSameInAnyBatches(Metrics.accuracy(), outputs, Tensor.of(labels, Shape.of(9, 7)));
            requireSameInAnyBatches(Metrics.binaryAccuracy(), outputs, Tensor.of(bits, 9, 2, 7));
        }
    }

    private static void requireSameInAnyBatches(Metric metric, Tensor outputs, Tensor targets) {
        Tally whole = metric.start();
        whole.add(outputs, targets);
        for (int batch : new int[] {1, 2, 5}) {
            Tally tally = metric.start();
            for (int from = 0; from < 9; from += batch) {
                int to = Math.min(from + batch, 9);
                tally.add(outputs.rows(from, to), targets.rows(from, to));
            }
            assertThat(tally.value())
                    .as("%s, batches of %d", metric.name(), batch)
                    .isEqualTo(whole.value());
        }
    }

    @Test
    void accuracyTakesANaNForTheLargest() {
        Tensor logits = Tensor.of(new float[] {1, Float.NaN, 0, Float.NaN, 2, Float.NaN}, 2, 3);
        assertThat(accuracy.sum(logits, Tensor.labels(1, 0))).isEqualTo(2);
    }

    @Test
    void positionsOfASampleShareItsCount() {
        Tensor logits = Tensor.of(new float[] {1, 0, 1, 0, 0, 1, 0, 1}, 1, 2, 4);
        assertThat(accuracy.sum(logits, Tensor.of(new int[] {0, 1, 1, 0}, Shape.of(1, 4))))
                .isEqualTo(0.5);
    }

    @Test
    void aLossIsAMetricByItsMeanOverAllSamples() {
        Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5}, 5, 1);
        Tensor y = Tensor.of(new float[] {0, 7, 3, -9, 1}, 5, 1);
        DataLoader unequalBatches = DataLoader.of(Dataset.of(x, y)).batch(2);
        Metric square = Metrics.mean(Losses.mse());
        Metric each = Metrics.mean("mae", Losses.l1().reduction(LossReduction.NONE));
        assertThat(square.name()).isEqualTo("mse()");
        try (Model model = Model.of(Layers.identity(), 1)) {
            assertThat(model.evaluate(unequalBatches, square, each))
                    .containsExactly(Map.entry("mse()", (1 + 25 + 0 + 169 + 16) / 5.0), Map.entry("mae", 23 / 5.0));
        }
    }

    /** Results are told by name: of two with the same one, one would be lost. */
    @Test
    void metricsHaveDifferentNames() {
        DataLoader data = DataLoader.of(Dataset.of(Tensor.zeros(1, 1), Tensor.zeros(1, 1)));
        Metric one = Metrics.mean((output, target) -> output.sub(target));
        Metric two = Metrics.mean((output, target) -> output.sub(target).abs());
        Trainer trainer = Trainer.of(Losses.mse(), Optimizers.sgd(1));
        String message =
                ": two metrics are called 'lambda'; that of a loss has the name it is given: mean(\"…\", loss)";
        assertThatThrownBy(() -> trainer.evaluate(data, one, accuracy, two))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("evaluate" + message);
        try (Model model = Model.of(Layers.identity(), 1)) {
            assertThatThrownBy(() -> model.evaluate(data, one, two))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("evaluate" + message);
        }
    }

    @Test
    void aLossOfClassesIsAMetric() {
        Tensor logits = Tensor.of(new float[] {1, 2, 0, 5, 5, 1}, 2, 3);
        Tensor labels = Tensor.labels(1, 0);
        assertThat(Metrics.mean(Losses.crossEntropy()).sum(logits, labels))
                .isCloseTo(
                        2
                                * Evaluation.of(Losses.crossEntropy(), logits, labels)
                                        .value()
                                        .item(),
                        within(1e-6));
        assertThatThrownBy(() -> Metrics.mean(Losses.crossEntropy()).sum(logits, Tensor.vector(1, 0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected integers, a class per position, but got floating-point targets 2");
        Loss own = (output, target) -> output.sub(target).mean();
        assertThatThrownBy(() -> Metrics.mean("own", own).sum(logits, Tensor.zeros(2, 2)))
                .hasMessageStartingWith("lambda of outputs 2×3 and targets 2×2: ");
    }

    @Test
    void ignoredLabelsDoNotCount() {
        float[] ones = new float[24];
        for (int i = 1; i < ones.length; i += 2) {
            ones[i] = 1;
        }
        int none = -100;
        int[] labels = {1, 1, 1, 0, 0, 0, 0, 0, none, none, none, none};
        DataLoader rows = DataLoader.of(Dataset.of(Tensor.of(ones, 12, 2), Tensor.labels(labels)));
        Metric loss = Metrics.mean("loss", Losses.crossEntropy());
        Metric sum = Metrics.mean("sum", Losses.crossEntropy().reduction(LossReduction.SUM));
        Metric each = Metrics.mean("each", Losses.crossEntropy().reduction(LossReduction.NONE));
        double mean = Math.log1p(Math.E) - 3 / 8.0;
        try (Model model = Model.of(Layers.identity(), 2)) {
            for (int batch : new int[] {1, 3, 5, 12}) {
                Map<String, Double> found = model.evaluate(rows.batch(batch), accuracy, loss, sum, each);
                assertThat(found.get("accuracy")).isEqualTo(0.375);
                for (String name : List.of("loss", "sum", "each")) {
                    assertThat(found.get(name)).as(name).isCloseTo(mean, within(1e-6));
                }
            }
            Metric own = Metrics.accuracy().ignoreIndex(1);
            DataLoader valid = DataLoader.of(Dataset.of(Tensor.of(ones, 12, 2), Tensor.labels(new int[12])));
            assertThat(model.evaluate(valid, own)).containsEntry("accuracy", 0.0);
            int[] all = new int[12];
            Arrays.fill(all, none);
            DataLoader nothing = DataLoader.of(Dataset.of(Tensor.of(ones, 12, 2), Tensor.labels(all)));
            assertThat(model.evaluate(nothing, accuracy)).containsEntry("accuracy", Double.NaN);
        }
        Tensor images = Tensor.of(ones, 3, 2, 4);
        Tensor positions = Tensor.of(labels, Shape.of(3, 4));
        assertThat(accuracy.samples(positions)).isEqualTo(2);
        assertThat(accuracy.sum(images, positions)).isEqualTo(5 / 4.0);
    }

    /** Weights of classes weigh the mean over all batches as they do the mean over one. */
    @Test
    void theMeanOfALossIsThatOfOneBatch() {
        Tensor x = Tensor.of(new float[] {1, 2, 0, 5, 5, 1, 0, 1, 2, 3}, 5, 2);
        Tensor labels = Tensor.labels(0, 1, 1, -100, 0);
        for (Loss loss : List.of(
                Losses.crossEntropy().weights(1, 3),
                Losses.crossEntropy().labelSmoothing(0.2),
                Losses.nll().weights(2, 0.5),
                Losses.regularised(Losses.crossEntropy()).l2(0.1))) {
            double whole = Evaluation.of(loss, x, labels).value().item();
            try (Model model = Model.of(Layers.identity(), 2)) {
                for (int batch : new int[] {1, 2, 3, 5}) {
                    assertThat(model.evaluate(
                                    DataLoader.of(Dataset.of(x, labels)).batch(batch), Metrics.mean("loss", loss)))
                            .hasEntrySatisfying("loss", v -> assertThat(v).isCloseTo(whole, within(1e-6)));
                }
            }
        }
    }

    @Test
    void aSingleClassIsRefused() {
        assertThatThrownBy(() -> accuracy.sum(Tensor.zeros(3, 1), Tensor.labels(0, 1, 0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "accuracy: outputs 3×1 have a single class, which would always be the largest; of logits of yes"
                                + " or no take binaryAccuracy()");
        assertThatThrownBy(() -> accuracy.sum(Tensor.zeros(2, 2), Tensor.labels(0, 2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("accuracy: a label must be a class in [0, 2) or -100, which is ignored, but is 2");
    }

    @Test
    void binaryAccuracyCountsTheRightSides() {
        Metric binary = Metrics.binaryAccuracy();
        Tensor logits = Tensor.of(new float[] {3, -1, 0, 0.2f, -5, Float.NaN}, 6, 1);
        Tensor bits = Tensor.of(new float[] {1, 1, 0, 1, 0, 0}, 6, 1);
        assertThat(binary.name()).isEqualTo("binaryAccuracy");
        assertThat(binary.sum(logits, bits)).isEqualTo(4);
        assertThat(Metrics.binaryAccuracy().threshold(0.5).sum(logits, bits)).isEqualTo(3);
        assertThat(binary.sum(logits.reshape(2, 3), bits.reshape(2, 3))).isCloseTo(4 / 3.0, within(1e-12));
        assertThatThrownBy(() -> binary.sum(logits, bits.reshape(6)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("binaryAccuracy: expected floating-point targets, 0 or 1, of the outputs' shape 6×1 but got"
                        + " floating-point targets 6");
        assertThatThrownBy(() -> binary.sum(logits, Tensor.labels(0, 1, 0, 1, 0, 1)))
                .hasMessageEndingWith("but got integers 6");
        assertThatThrownBy(() -> binary.sum(Tensor.zeros(1, 1), Tensor.full(-1, 1, 1)))
                .hasMessage("binaryAccuracy: a target must be 0 or 1 but is -1.0");
        assertThatThrownBy(() -> Metrics.binaryAccuracy().threshold(Double.NaN))
                .hasMessage("binaryAccuracy(): the threshold must be finite but is NaN");
    }

    @Test
    void anOutputThatIsNotANumberIsNoAnswer() {
        Tensor logits = Tensor.of(new float[] {1, Float.NaN, 0}, 1, 3);
        assertThat(accuracy.sum(logits, Tensor.labels(0))).isZero();
        assertThat(accuracy.sum(logits, Tensor.labels(1))).isEqualTo(1);
    }

    @Test
    void labelsThatDoNotFitAreRefused() {
        Tensor logits = Tensor.zeros(3, 2);
        assertThatThrownBy(() -> accuracy.sum(logits, Tensor.labels(1, 2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("accuracy: expected integer labels 3 for outputs 3×2 but got integers 2");
        assertThatThrownBy(() -> accuracy.sum(logits, Tensor.vector(0, 1, 0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("accuracy: expected integer labels 3 for outputs 3×2 but got floating-point targets 3; "
                        + "make labels with Tensor.labels(…)");
        assertThatThrownBy(() -> accuracy.sum(Tensor.zeros(3), Tensor.labels(0, 1, 0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("accuracy: expected outputs N×C or N×C×… but got 3");
    }
}
