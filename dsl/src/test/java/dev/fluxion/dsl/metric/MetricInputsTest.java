package dev.fluxion.dsl.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.fluxion.Metric;
import dev.fluxion.Scope;
import dev.fluxion.Tally;
import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.dsl.train.Metrics;
import dev.fluxion.ir.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What does not fit a metric is told by name, and changes nothing; what is not defined is NaN. */
class MetricInputsTest {
    private static final Tensor LOGITS = Tensor.of(new float[] {1, 2, 0, 5, 4, 1}, 2, 3);
    private static final Tensor LABELS = Tensor.labels(1, 0);
    private static final Tensor ROW = Tensor.of(new float[] {0.25f, 0.5f, -1}, 3, 1);
    private static final Tensor BITS = Tensor.of(new float[] {0, 1, 0}, 3, 1);

    /** Metrics of classes with labels. */
    private static final List<Metric> CLASSES = List.of(
            Metrics.precision(Average.MACRO),
            Metrics.rocAuc(Average.WEIGHTED),
            Metrics.logLoss(),
            Metrics.perplexity(),
            Metrics.calibrationError(),
            Metrics.topAccuracy(2));

    /** Metrics of a yes or no for each element. */
    private static final List<Metric> ELEMENTS = List.of(
            Metrics.recall(Average.BINARY),
            Metrics.iou(Average.MICRO).multiLabel(),
            Metrics.averagePrecision(Average.BINARY),
            Metrics.rocAuc(Average.MACRO).multiLabel(),
            Metrics.binaryLogLoss(),
            Metrics.binaryCalibrationError());

    private static final List<Metric> NUMBERS =
            List.of(Metrics.mae(), Metrics.rmse(), Metrics.mape(), Metrics.r2(), Metrics.r2(Average.MACRO));

    private static String refused(Metric metric, Tensor output, Tensor target) {
        return refused(metric.start(), output, target);
    }

    private static String refused(Tally tally, Tensor output, Tensor target) {
        return catchThrowableOfType(IllegalArgumentException.class, () -> tally.add(output, target))
                .getMessage();
    }

    @Test
    void classesHaveLabels() {
        for (Metric metric : CLASSES) {
            String name = metric.name() + ": ";
            assertThat(refused(metric, LOGITS, Tensor.vector(1, 0)))
                    .isEqualTo(name + "expected integer labels 2 for outputs 2×3 but got floating-point targets 2;"
                            + " make labels with Tensor.labels(…)");
            assertThat(refused(metric, LOGITS, Tensor.labels(1, 0, 1)))
                    .isEqualTo(name + "expected integer labels 2 for outputs 2×3 but got integers 3");
            assertThat(refused(metric, LOGITS, Tensor.labels(1, 3)))
                    .isEqualTo(name + "a label must be a class in [0, 3) or -100, which is ignored, but is 3");
            assertThat(refused(metric, Tensor.zeros(3), LABELS))
                    .isEqualTo(name + "expected outputs N×C or N×C×… but got 3");
            assertThat(refused(metric, Tensor.of(new int[6], Shape.of(2, 3)), LABELS))
                    .isEqualTo(name + "expected outputs N×C or N×C×… but got integers 2×3");
            assertThat(refused(metric, Tensor.zeros(2, 1), LABELS))
                    .isEqualTo(name + "outputs 2×1 have a single class, which would always be the largest; of logits of"
                            + " yes or no take what is binary");
            Tensor spoilt = Tensor.of(new float[] {1, 2, 0, 5, Float.NaN, 1}, 2, 3);
            assertThat(refused(metric, spoilt, LABELS)).isEqualTo(name + "output [1, 1] is NaN, not a number");
            assertThat(refused(metric, null, LABELS)).isEqualTo(name + "the output must not be null");
            assertThat(refused(metric, LOGITS, null)).isEqualTo(name + "the target must not be null");
        }
    }

    @Test
    void elementsAreYesOrNo() {
        for (Metric metric : ELEMENTS) {
            String name = metric.name() + ": ";
            String expected = name + "expected floating-point targets, 0 or 1, of the outputs' shape 3×1 but got ";
            assertThat(refused(metric, ROW, Tensor.labels(0, 1, 0))).isEqualTo(expected + "integers 3");
            assertThat(refused(metric, ROW, BITS.reshape(3))).isEqualTo(expected + "floating-point targets 3");
            assertThat(refused(metric, ROW, Tensor.full(0.5f, 3, 1)))
                    .isEqualTo(name + "a target must be 0 or 1 but is 0.5");
            assertThat(refused(metric, Tensor.full(Float.NaN, 3, 1), BITS))
                    .isEqualTo(name + "output [0, 0] is NaN, not a number");
            assertThat(refused(metric, Tensor.of(new int[3], Shape.of(3, 1)), BITS))
                    .isEqualTo(expected + "outputs that are integers, floating-point targets 3×1");
        }
    }

    @Test
    void numbersAreFinite() {
        for (Metric metric : NUMBERS) {
            String name = metric.name() + ": ";
            assertThat(refused(metric, ROW, Tensor.zeros(3)))
                    .isEqualTo(name + "expected floating-point targets of the outputs' shape 3×1 but got"
                            + " floating-point targets 3");
            assertThat(refused(metric, Tensor.full(Float.NaN, 3, 1), BITS))
                    .isEqualTo(name + "output [0, 0] is NaN, not a finite number");
            assertThat(refused(metric, ROW, Tensor.full(Float.POSITIVE_INFINITY, 3, 1)))
                    .isEqualTo(name + "target [0, 0] is Infinity, not a finite number");
        }
        assertThat(refused(Metrics.mape(), ROW, BITS))
                .isEqualTo("mape: target [0, 0] is 0, and no error is relative to 0; least(x) divides by x where a"
                        + " target is smaller");
        Tally least = Metrics.mape().least(0.5).start();
        least.add(ROW, BITS);
        assertThat(least.value()).isEqualTo((0.5 + 0.5 + 2) / 3);
        assertThat(refused(Metrics.r2(), Tensor.zeros(3, 2), Tensor.zeros(3, 2)))
                .isEqualTo("r2: outputs 3×2 have several numbers for a sample; say how they become one, as r2(MACRO),"
                        + " the mean of their values");
    }

    @Test
    void logitsAndProbabilitiesAreToldApart() {
        Tensor infinite = Tensor.of(new float[] {1, Float.POSITIVE_INFINITY, 0}, 1, 3);
        Tensor one = Tensor.labels(0);
        for (Metric metric : List.of(Metrics.logLoss(), Metrics.calibrationError(), Metrics.rocAuc(Average.MICRO))) {
            assertThat(refused(metric, infinite, one))
                    .isEqualTo(metric.name() + ": output [0, 1] is Infinity, not a finite logit");
        }
        for (Metric metric : List.of(
                Metrics.logLoss().probabilities(),
                Metrics.calibrationError().probabilities(),
                Metrics.rocAuc(Average.MACRO).probabilities())) {
            assertThat(refused(metric, LOGITS, LABELS))
                    .isEqualTo(metric.name()
                            + ": output [0, 1] is 2.0, not a probability; logits need no probabilities()");
            assertThat(refused(metric, Tensor.full(0.5f, 1, 3), one))
                    .isEqualTo(metric.name() + ": the 3 outputs from [0, 0] on add up to 1.5, not to 1 as"
                            + " probabilities; logits need no probabilities()");
        }
        assertThat(refused(Metrics.binaryLogLoss().probabilities(), ROW, BITS))
                .isEqualTo("binaryLogLoss: output [2, 0] is -1.0, not a probability; logits need no probabilities()");
        Tally never = Metrics.logLoss().start();
        never.add(Tensor.of(new float[] {Float.NEGATIVE_INFINITY, 0}, 1, 2), one);
        assertThat(never.value()).isEqualTo(Double.POSITIVE_INFINITY);
    }

    /** What is wrong with the last of a batch is found when the others have been read. */
    @Test
    void whatIsRefusedChangesNothing() {
        Tensor late = Tensor.of(new float[] {0.5f, 0.25f, 0.25f, 1, 1, 1}, 2, 3);
        Tensor zero = Tensor.of(new float[] {1, 2, 0}, 3, 1);
        assertUnchanged(Metrics.logLoss().probabilities(), late.rows(0, 1), LABELS.rows(0, 1), late, LABELS);
        assertUnchanged(
                Metrics.rocAuc(Average.MICRO).probabilities(), late.rows(0, 1), LABELS.rows(0, 1), late, LABELS);
        assertUnchanged(Metrics.mape(), ROW, Tensor.full(2, 3, 1), ROW, zero);
        assertUnchanged(Metrics.f1(Average.MACRO), LOGITS, LABELS, LOGITS, Tensor.labels(1, 7));
        assertUnchanged(Metrics.accuracy(), LOGITS, LABELS, LOGITS, Tensor.labels(1, 7));
    }

    private static void assertUnchanged(Metric metric, Tensor output, Tensor target, Tensor bad, Tensor worse) {
        Tally tally = metric.start();
        tally.add(output, target);
        double before = tally.value();
        refused(tally, bad, worse);
        assertThat(tally.value()).as(metric.name()).isEqualTo(before);
    }

    @Test
    void allBatchesHaveTheSameClasses() {
        for (Metric metric : List.of(Metrics.f1(Average.MACRO), Metrics.rocAuc(Average.MACRO))) {
            Tally tally = metric.start();
            tally.add(LOGITS, LABELS);
            assertThat(refused(tally, Tensor.zeros(2, 4), LABELS))
                    .isEqualTo(metric.name() + ": expected outputs of 3 classes, as before, but got 4");
        }
        assertThat(refused(Metrics.topAccuracy(3), LOGITS, LABELS))
                .isEqualTo("top3Accuracy: of outputs 2×3 the label is always among the first 3; take fewer than there"
                        + " are classes");
    }

    @Test
    void onlyTalliesOfTheSameMetricMerge() {
        for (Metric metric : List.of(
                Metrics.accuracy(),
                Metrics.f1(Average.MACRO),
                Metrics.rocAuc(Average.BINARY),
                Metrics.logLoss(),
                Metrics.r2())) {
            assertThatThrownBy(() ->
                            metric.start().merge(Metrics.recall(Average.MICRO).start()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(metric.name() + ": merge takes a tally of the same metric with the same options");
        }
        assertThatThrownBy(() -> ConfusionMatrix.of("a", "b").merge(ConfusionMatrix.of("a", "c")))
                .hasMessage("confusionMatrix: merge takes a tally of the same metric with the same options");
    }

    @Test
    void weightsAreFiniteAndNotNegative() {
        Tally tally = Metrics.accuracy().weighted("w").start();
        Tensors outputs = Tensors.of(Scope.RESULT, LOGITS);
        String name = "accuracy.weighted: ";
        String shape = name + "the weights 'w' must be floats of shape 2, one for each sample, but are ";
        assertThat(refused(tally, outputs, weights(Tensor.vector(1, 2, 3)))).isEqualTo(shape + "floats 3");
        assertThat(refused(tally, outputs, weights(Tensor.labels(1, 2)))).isEqualTo(shape + "integers 2");
        for (float bad : new float[] {-1, Float.NaN, Float.POSITIVE_INFINITY}) {
            assertThat(refused(tally, outputs, weights(Tensor.vector(1, bad))))
                    .isEqualTo(name + "the weights 'w' must be finite and not negative but that of sample 1 is " + bad);
        }
        assertThat(refused(tally, outputs, Tensors.of("kind", LABELS)))
                .isEqualTo("there is no tensor 'w'; there is [kind]");
        assertThat(refused(tally, LOGITS, LABELS))
                .isEqualTo(name + "add takes outputs and targets by name, the weights 'w' among the targets");
        assertThat(tally.value()).isNaN();
        assertThatThrownBy(() -> ConfusionMatrix.of().merge(ConfusionMatrix.of(), 2))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("adds whole samples only");
    }

    private static Tensors weights(Tensor weights) {
        return Tensors.of("kind", LABELS).with("w", weights);
    }

    private static String refused(Tally tally, Tensors outputs, Tensors targets) {
        return catchThrowableOfType(IllegalArgumentException.class, () -> tally.add(outputs, targets))
                .getMessage();
    }

    /** Also of a named output, of a single loss, and of scores whose neighbours have no weights. */
    @Test
    void aSampleOfWeightTwoCountsAsTwo() {
        Tensor outputs = Tensor.of(new float[] {1, 2, 0, 5, 4, 1, 0, 1, 2}, 3, 3);
        Tensor labels = Tensor.labels(1, 2, 2);
        Tensors targets = Tensors.of("kind", labels).with("w", Tensor.vector(2, 1, 0));
        for (Metric metric : CLASSES) {
            Tally tally = metric.on("y", "kind").weighted("w").start();
            tally.add(Tensors.of("y", outputs), targets);
            Tally twice = metric.start();
            twice.add(outputs.rows(0, 2), labels.rows(0, 2));
            twice.add(outputs.rows(0, 1), labels.rows(0, 1));
            assertThat(tally.value()).as(metric.name()).isEqualTo(twice.value());
        }
    }

    @Test
    void scoresAreLimited() {
        Tally tally = Metrics.rocAuc(Average.BINARY).limit(5).start();
        tally.add(ROW, BITS);
        assertThat(refused(tally, ROW, BITS))
                .isEqualTo("binaryRocAuc: more than 5 scores were added, and each is kept to be sorted; limit(n) allows"
                        + " more, at 8 bytes each");
    }

    /** A class without targets has no recall to speak of, and without others no area; averages leave it out. */
    @Test
    void whatIsNotDefinedIsNaN() {
        Tensor yes = Tensor.full(1, 3, 1);
        Tally auc = Metrics.rocAuc(Average.BINARY).start();
        Tally precision = Metrics.averagePrecision(Average.BINARY).start();
        auc.add(ROW, yes);
        precision.add(ROW, Tensor.zeros(3, 1));
        assertThat(auc.value()).isNaN();
        assertThat(precision.value()).isNaN();
        Tally some = Metrics.rocAuc(Average.MACRO).start();
        some.add(LOGITS, LABELS);
        assertThat(some.value()).isEqualTo(1);
        Tally each = Metrics.rocAuc(Average.PER_CLASS).start();
        each.add(LOGITS, LABELS);
        assertThat(each.values("rocAuc").keySet()).containsExactly("rocAuc[0]", "rocAuc[1]", "rocAuc[2]");
        assertThat(each.values("rocAuc").values()).containsExactly(1.0, 1.0, Double.NaN);
    }

    @Test
    void ignoredTargetsDoNotCount() {
        Tensor ignored = Tensor.of(new float[] {-100, 1, -1}, 3, 1);
        Tally recall = Metrics.recall(Average.BINARY).ignoreIndex(-1).start();
        assertThat(refused(recall, ROW, ignored)).isEqualTo("binaryRecall: a target must be 0 or 1 but is -100.0");
        Tensor spoilt = Tensor.of(new float[] {Float.NaN, 2, 0, 1, 0, 0}, 2, 3);
        Tensor none = Tensor.labels(-100, -100);
        for (Metric metric : CLASSES) {
            Tally tally = metric.start();
            tally.add(spoilt, none);
            assertThat(tally.value()).as(metric.name()).isNaN();
        }
    }

    @Test
    void optionsAreChecked() {
        assertThatThrownBy(() -> Metrics.topAccuracy(0))
                .hasMessage("topAccuracy: the number of classes must be at least 1 but is 0");
        assertThatThrownBy(() -> Metrics.calibrationError().bins(0))
                .hasMessage("calibrationError: the number of bins must be at least 1 but is 0");
        assertThatThrownBy(() -> Metrics.f1(Average.BINARY).threshold(Double.NaN))
                .hasMessage("f1: the threshold must be finite but is NaN");
        assertThatThrownBy(() -> Metrics.mape().least(-1))
                .hasMessage("mape: least must be finite and at least 0 but is -1");
        assertThatThrownBy(() -> Metrics.rocAuc(Average.MACRO).limit(0))
                .hasMessage("rocAuc: limit must be at least 1 but is 0");
        assertThatThrownBy(() -> Metrics.r2(Average.WEIGHTED))
                .hasMessage("r2: WEIGHTED has no meaning here; it takes MICRO or MACRO");
    }

    /** A metric of somebody's own is a mean with a name and a sum. */
    @Test
    void ownMeansNeedASumOnly() {
        Metric own = new Metric() {
            @Override
            public String name() {
                return "own";
            }

            @Override
            public double sum(Tensor output, Tensor target) {
                return output.floats()[0];
            }
        };
        Tally tally = own.start();
        tally.add(Tensor.vector(3, 0), Tensor.vector(0, 0));
        tally.add(Tensor.vector(6), Tensor.vector(0));
        assertThat(tally.values("own")).containsOnlyKeys("own").containsValue(3.0);
        Metric neither = () -> "neither";
        assertThatThrownBy(() -> neither.start().add(ROW, BITS))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage("neither: it is no mean over samples, so there is no sum; add batches to start()");
    }
}
