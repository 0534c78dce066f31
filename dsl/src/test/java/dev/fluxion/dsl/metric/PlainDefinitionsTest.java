package dev.fluxion.dsl.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Metric;
import dev.fluxion.Tally;
import dev.fluxion.Tensor;
import dev.fluxion.dsl.train.Metrics;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Metrics of drawn outputs are what their definitions say, spelled out as slow loops. */
class PlainDefinitionsTest {
    private static final int DRAWS = 200;

    private final Random random = new Random(3);

    /** The part of the pairs of a yes and a no that are in order, ties counting half. */
    @Test
    void rocAucIsOfPairs() {
        for (int draw = 0; draw < DRAWS; draw++) {
            float[] x = scores();
            float[] y = bits(x.length);
            double pairs = 0;
            double right = 0;
            for (int i = 0; i < x.length; i++) {
                for (int j = 0; j < x.length; j++) {
                    if (y[i] == 1 && y[j] == 0) {
                        pairs++;
                        right += x[i] > x[j] ? 1 : x[i] == x[j] ? 0.5 : 0;
                    }
                }
            }
            assertThat(binary(Metrics.rocAuc(Average.BINARY), x, y)).isCloseTo(right / pairs, within(1e-12));
        }
    }

    /** Each threshold adds the recall that it gains, times the precision there. */
    @Test
    void averagePrecisionIsOfThresholds() {
        for (int draw = 0; draw < DRAWS; draw++) {
            float[] x = scores();
            float[] y = bits(x.length);
            double all = IntStream.range(0, x.length).filter(i -> y[i] == 1).count();
            double[] thresholds = IntStream.range(0, x.length)
                    .mapToDouble(i -> -x[i])
                    .distinct()
                    .sorted()
                    .map(t -> -t)
                    .toArray();
            double before = 0;
            double expected = 0;
            for (double t : thresholds) {
                double found =
                        IntStream.range(0, x.length).filter(i -> x[i] >= t).count();
                double hits = IntStream.range(0, x.length)
                        .filter(i -> x[i] >= t && y[i] == 1)
                        .count();
                expected += (hits / all - before) * (hits / found);
                before = hits / all;
            }
            assertThat(binary(Metrics.averagePrecision(Average.BINARY), x, y)).isCloseTo(expected, within(1e-12));
        }
    }

    /** Counted for each class by itself, over classes that a label or a prediction names. */
    @Test
    void macroF1IsOfClasses() {
        for (int draw = 0; draw < DRAWS; draw++) {
            int classes = 2 + random.nextInt(5);
            int n = 1 + random.nextInt(12);
            float[] x = new float[n * classes];
            int[] labels = new int[n];
            int[] found = new int[n];
            for (int i = 0; i < n; i++) {
                labels[i] = random.nextInt(classes);
                for (int c = 0; c < classes; c++) {
                    x[i * classes + c] = random.nextInt(4);
                    found[i] = x[i * classes + c] > x[i * classes + found[i]] ? c : found[i];
                }
            }
            double sum = 0;
            int here = 0;
            for (int c = 0; c < classes; c++) {
                double hits = 0;
                double named = 0;
                for (int i = 0; i < n; i++) {
                    hits += labels[i] == c && found[i] == c ? 1 : 0;
                    named += (labels[i] == c ? 1 : 0) + (found[i] == c ? 1 : 0);
                }
                here += named > 0 ? 1 : 0;
                sum += named > 0 ? 2 * hits / named : 0;
            }
            double f1 = value(Metrics.f1(Average.MACRO), Tensor.of(x, n, classes), Tensor.labels(labels));
            assertThat(f1).isCloseTo(sum / here, within(1e-12));
        }
    }

    /** In two passes, the second one after the mean is known. Far from 0 a single pass in double would lose it all. */
    @Test
    void r2IsOfTwoPasses() {
        for (float offset : new float[] {0, 100, 16_000_000}) {
            float[] y = new float[50];
            float[] x = new float[50];
            for (int i = 0; i < y.length; i++) {
                y[i] = (float) (offset + 4 * random.nextGaussian());
                x[i] = (float) (y[i] + 2 * random.nextGaussian());
            }
            double mean = offset
                    + IntStream.range(0, y.length)
                                    .mapToDouble(i -> y[i] - offset)
                                    .sum()
                            / y.length;
            double errors = 0;
            double spread = 0;
            for (int i = 0; i < y.length; i++) {
                errors += ((double) x[i] - y[i]) * ((double) x[i] - y[i]);
                spread += (y[i] - mean) * (y[i] - mean);
            }
            assertThat(value(Metrics.r2(), Tensor.of(x, 50, 1), Tensor.of(y, 50, 1)))
                    .isCloseTo(1 - errors / spread, within(1e-12));
        }
    }

    private float[] scores() {
        float[] x = new float[2 + random.nextInt(30)];
        for (int i = 0; i < x.length; i++) {
            x[i] = random.nextInt(9) - 4;
        }
        return x;
    }

    private float[] bits(int n) {
        float[] y = new float[n];
        for (int i = 0; i < n; i++) {
            y[i] = i < 2 ? i : random.nextInt(2);
        }
        return y;
    }

    private static double binary(Metric metric, float[] x, float[] y) {
        return value(metric, Tensor.of(x, x.length, 1), Tensor.of(y, y.length, 1));
    }

    private static double value(Metric metric, Tensor output, Tensor target) {
        Tally tally = metric.start();
        tally.add(output, target);
        return tally.value();
    }
}
