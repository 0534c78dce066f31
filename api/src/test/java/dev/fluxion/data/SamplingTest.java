package dev.fluxion.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Splits put each sample on one side, samplers draw as they say, and what they are given is checked. */
class SamplingTest {
    private static final int[] LABELS =
            IntStream.range(0, 100).map(i -> i < 70 ? 0 : i < 97 ? 5 : 9).toArray();

    private static String refused(ThrowingCallable call) {
        return assertThatIllegalArgumentException().isThrownBy(call).actual().getMessage();
    }

    private static int count(int[] samples, int label) {
        return (int) Arrays.stream(samples).filter(i -> LABELS[i] == label).count();
    }

    @Test
    void splitsHaveEachSampleOnce() {
        List<Split> all = new ArrayList<>(Split.folds(100, 3, 1));
        all.addAll(Split.stratifiedFolds(LABELS, 7, 1));
        all.add(Split.random(100, 0.8, 1));
        all.add(Split.random(100, 0.001, 1));
        all.add(Split.stratified(LABELS, 0.8, 1));
        for (Split split : all) {
            assertThat(IntStream.concat(Arrays.stream(split.train()), Arrays.stream(split.test()))
                            .sorted()
                            .toArray())
                    .isEqualTo(IntStream.range(0, 100).toArray());
            assertThat(split.train()).isNotEmpty();
            assertThat(split.test()).isNotEmpty();
        }
        assertThat(Split.random(100, 0.8, 1).train())
                .hasSize(80)
                .isNotEqualTo(IntStream.range(0, 80).toArray());
        assertThat(Split.random(100, 0.8, 1).test())
                .isEqualTo(Split.random(100, 0.8, 1).test())
                .isNotEqualTo(Split.random(100, 0.8, 2).test());
    }

    @Test
    void stratifiedPartsHaveTheirShareOfEachClass() {
        int[] test = Split.stratified(LABELS, 0.8, 3).test();
        assertThat(List.of(count(test, 0), count(test, 5), count(test, 9))).containsExactly(14, 5, 1);
        int tested = 0;
        for (Split fold : Split.stratifiedFolds(LABELS, 4, 3)) {
            assertThat(count(fold.test(), 0)).isBetween(17, 18);
            assertThat(count(fold.test(), 5)).isBetween(6, 7);
            tested += fold.test().length;
        }
        assertThat(tested).isEqualTo(100);
        assertThat(Split.stratified(new int[] {1, 2, 2}, 0.5, 0).test()).hasSize(1);
    }

    @Test
    void drawsAreByWeight() {
        double[] weights = new double[10];
        weights[3] = 1;
        weights[8] = 3;
        int[] order = Sampler.weighted(1, weights, 4_000).order(10, 7, 2);
        assertThat(order).hasSize(4_000);
        assertThat(Arrays.stream(order).filter(i -> i == 3).count()).isBetween(900L, 1_100L);
        assertThat(Arrays.stream(order).filter(i -> i == 8).count()).isBetween(2_900L, 3_100L);
        int[] drawn = new int[10];
        for (int epoch = 0; epoch < 60; epoch++) {
            for (int i : Sampler.balanced(1, LABELS).order(100, 7, epoch)) {
                drawn[LABELS[i]]++;
            }
        }
        for (int label : new int[] {0, 5, 9}) {
            assertThat(drawn[label]).isBetween(1_850, 2_150);
        }
        DataLoader loader = DataLoader.of(DataLoaderTest.numbers(10)).batch(3).order(Sampler.weighted(1, weights, 20));
        assertThat(List.of(loader.samples(), loader.batches())).containsExactly(20, 7);
    }

    @Test
    void batchesHaveSamplesOfAboutTheSameLength() {
        int[] lengths = IntStream.range(0, 1_003).map(i -> i * 37 % 101).toArray();
        Sampler sampler = Sampler.byLength(4, lengths);
        int[] order = sampler.order(1_003, 10, 0);
        assertThat(Arrays.stream(order).sorted().toArray())
                .isEqualTo(IntStream.range(0, 1_003).toArray());
        int spread = 0;
        int rises = 0;
        for (int from = 0; from + 10 <= 1_003; from += 10) {
            int[] own =
                    Arrays.stream(order, from, from + 10).map(i -> lengths[i]).toArray();
            spread += Arrays.stream(own).max().orElseThrow()
                    - Arrays.stream(own).min().orElseThrow();
            rises += from > 0 && own[0] > lengths[order[from - 10]] ? 1 : 0;
        }
        assertThat(spread / 100.0).isLessThan(4);
        assertThat(rises).isBetween(30, 70);
        assertThat(order).isEqualTo(sampler.order(1_003, 10, 0)).isNotEqualTo(sampler.order(1_003, 10, 1));
    }

    @Test
    void sequencesArePadded() {
        SequenceDataset data = SequenceDataset.of(
                        List.of(new int[] {1, 2, 3}, new int[] {4}, new int[] {5, 6, 7, 8, 9}), Tensor.labels(0, 1, 2))
                .multipleOf(4);
        assertThat(data.batch(1, 0).inputs()).isEqualTo(Tensor.of(new int[] {4, 0, 0, 0, 1, 2, 3, 0}, Shape.of(2, 4)));
        assertThat(data.batch(2).inputs().shape()).isEqualTo(Shape.of(1, 8));
        assertThat(data.batch(1, 0).targets()).isEqualTo(Tensor.labels(1, 0));
        Tensors named = data.padding(-1)
                .multipleOf(1)
                .mask("mask")
                .lengths("length")
                .batch(0, 1)
                .allInputs();
        assertThat(named.get("ids")).isEqualTo(Tensor.of(new int[] {1, 2, 3, 4, -1, -1}, Shape.of(2, 3)));
        assertThat(named.get("mask")).isEqualTo(Tensor.of(new float[] {1, 1, 1, 1, 0, 0}, 2, 3));
        assertThat(named.get("length")).isEqualTo(Tensor.labels(3, 1));
        assertThat(data.select(2, 0).lengths()).containsExactly(5, 3);
        assertThat(data.rows(1, 3).labels()).containsExactly(1, 2);
    }

    /** So that they fit an input that is declared with the longest. */
    @Test
    void noBatchIsLongerThanTheLongestSequence() {
        List<int[]> ids = List.of(new int[3], new int[9], new int[11]);
        SequenceDataset data = SequenceDataset.of(ids, Tensor.labels(0, 1, 2));
        assertThat(data.batch(0).inputs().shape()).isEqualTo(Shape.of(1, 8));
        assertThat(data.batch(0, 1).inputs().shape()).isEqualTo(Shape.of(2, 11));
        assertThat(data.mask("mask")
                        .padding(5)
                        .select(0, 1)
                        .batch(1)
                        .allInputs()
                        .get("ids")
                        .shape())
                .isEqualTo(Shape.of(1, 11));
        assertThat(data.multipleOf(8).batch(2).inputs().shape()).isEqualTo(Shape.of(1, 16));
        assertThat(data.multipleOf(Integer.MAX_VALUE)
                        .multipleOf(1)
                        .batch(2)
                        .inputs()
                        .shape())
                .isEqualTo(Shape.of(1, 11));
    }

    @Test
    void samplesComeFromFunctionsAndStreams() {
        Dataset squares = Dataset.of(5, i -> new Batch(Tensor.vector(i), Tensor.labels(i * i)));
        assertThat(squares.batch(3, 1).targets()).isEqualTo(Tensor.labels(9, 1));
        assertThat(squares.select(4, 2).labels()).containsExactly(16, 4);
        Dataset streamed = Dataset.of(Stream.of(squares.batch(0, 1), squares.batch(3)));
        assertThat(streamed.batch(2, 0).inputs()).isEqualTo(Tensor.vector(3, 0));
        assertThat(refused(
                        () -> Dataset.of(Stream.of(squares.batch(0), new Batch(Tensor.zeros(1, 2), Tensor.labels(0))))))
                .isEqualTo("Dataset: all samples need the same shape and type, but input is floats 1 in one and floats"
                        + " 1×2 in another one");
        assertThat(refused(() -> Dataset.of(
                        Stream.of(squares.batch(0), new Batch(Tensors.of("x", Tensor.vector(1)), Tensors.none())))))
                .isEqualTo("Dataset: all samples need the same inputs, but one has [] and another one [x]");
        assertThat(refused(() -> Dataset.of(Stream.empty()))).isEqualTo("a batch needs at least one sample");
        assertThat(refused(
                        () -> Dataset.of(Tensor.zeros(2, 1), Tensor.zeros(2, 1)).labels()))
                .isEqualTo("labels: expected an integer label for each sample, but targets are floats 1×1");
    }

    @Test
    void whatDoesNotFitIsTold() {
        assertThat(refused(() -> Split.random(1, 0.5, 0)))
                .isEqualTo("at least 2 samples are needed to be divided so, not 1");
        assertThat(refused(() -> Split.random(9, 1, 0)))
                .isEqualTo("the part to learn from must be between 0 and 1, not 1.0");
        assertThat(refused(() -> Split.folds(9, 1, 0)))
                .isEqualTo("folds: the number of folds must be at least 2 but is 1");
        assertThat(refused(() -> Split.stratified(new int[] {1, 2}, 0.5, 0)))
                .isEqualTo("stratified: each class has a single sample, so that there is none to test with");
        assertThat(refused(() -> Sampler.weighted(0, new double[] {1, -1}, 3)))
                .isEqualTo("weighted: a weight must be finite and not negative, but that of sample 1 is -1.0");
        assertThat(refused(() -> Sampler.weighted(0, new double[2], 3)))
                .isEqualTo("weighted: the weights must have a sum above 0 that is finite, not 0.0");
        DataLoader loader = DataLoader.of(DataLoaderTest.numbers(3));
        assertThat(refused(() -> loader.order(Sampler.weighted(0, new double[] {1}, 3))))
                .isEqualTo("there are 1 weights for 3 samples");
        assertThat(refused(
                        () -> loader.order(Sampler.byLength(0, new int[] {1})).epoch(0)))
                .isEqualTo("there are 1 lengths for 3 samples");
        assertThat(refused(() -> loader.order((samples, batch, epoch) -> new int[] {0, 1})
                        .epoch(0)))
                .isEqualTo("an order should have 3 samples, as its count says, but has 2");
        assertThat(refused(() -> loader.order((samples, batch, epoch) -> new int[] {0, 1, 3})
                        .epoch(0)))
                .isEqualTo("an order has sample 3, outside of [0, 3)");
        assertThat(refused(() -> loader.epoch(0, 4))).isEqualTo("an epoch of 3 batches has none from 4 on");
        assertThat(refused(() -> loader.prefetch(-1))).isEqualTo("DataLoader: prefetch must be at least 0 but is -1");
        assertThat(refused(() -> SequenceDataset.of(List.of(new int[0]), Tensor.labels(1))))
                .isEqualTo("sequence 0 has no ids");
        assertThat(refused(() -> SequenceDataset.of(List.of(), Tensor.labels())))
                .isEqualTo("there must be sequences, and a target for each: 0 sequences, targets 0");
    }
}
