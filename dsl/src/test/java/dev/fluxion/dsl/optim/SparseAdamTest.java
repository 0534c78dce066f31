package dev.fluxion.dsl.optim;

import static dev.fluxion.dsl.layer.Layers.concat;
import static dev.fluxion.dsl.layer.Layers.embedding;
import static dev.fluxion.dsl.layer.Layers.flatten;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.shared;
import static dev.fluxion.dsl.loss.Losses.mse;
import static dev.fluxion.dsl.optim.Optimizers.adam;
import static dev.fluxion.dsl.optim.Optimizers.sparseAdam;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Input;
import dev.fluxion.Layer;
import dev.fluxion.Optimizer;
import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.Training;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Slot;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** An optimizer of tables of which a step reads some rows, as a user has it. */
class SparseAdamTest {
    private static final int ROWS = 9;
    private static final Optimizer MIXED = adam(0.01).group("0", sparseAdam(0.1));

    private static Model model(Layer first) {
        return Model.of(Seq.of(first, flatten(), linear(2)), Input.ints("ids", 3))
                .threads(1);
    }

    private static Batch batch(int... ids) {
        return new Batch(Tensor.of(ids, Shape.of(ids.length / 3, 3)), Tensor.zeros(ids.length / 3, 2));
    }

    private static boolean[] changed(Tensor before, Tensor after) {
        boolean[] changed = new boolean[ROWS];
        IntStream.range(0, before.size())
                .filter(i -> before.floats()[i] != after.floats()[i])
                .forEach(i -> changed[i / 4] = true);
        return changed;
    }

    @Test
    void rowsThatNobodyReadsStayWithTheirMoments() {
        try (Model model = model(embedding(ROWS, 4));
                Training training = model.training(mse(), MIXED)) {
            training.step(batch(0, 1, 1, 5, 0, 5));
            Tensor before = model.parameters().get("0.weight");
            Tensor moment = training.state().kept().get(Slot.optimizer("exp_avg", "0.weight"));
            training.step(batch(1, 1, 7));
            boolean[] expected = new boolean[ROWS];
            expected[1] = true;
            expected[7] = true;
            assertThat(changed(before, model.parameters().get("0.weight"))).isEqualTo(expected);
            assertThat(changed(moment, training.state().kept().get(Slot.optimizer("exp_avg", "0.weight"))))
                    .isEqualTo(expected);
        }
    }

    /** As of the linear part of a recommender: the number of its row is not spread over it. */
    @Test
    void aTableMayHaveASingleColumn() {
        try (Model model = model(embedding(ROWS, 1));
                Training training = model.training(mse(), MIXED)) {
            Tensor before = model.parameters().get("0.weight");
            training.step(batch(1, 1, 7, 1, 7, 3));
            Tensor after = model.parameters().get("0.weight");
            assertThat(IntStream.range(0, ROWS).filter(i -> before.floats()[i] != after.floats()[i]))
                    .containsExactly(1, 3, 7);
        }
    }

    /** A table at several places has one sum of all their rows; that of the padding stays. */
    @Test
    void aTableMayBeReadAtSeveralPlaces() {
        Layer words = shared(embedding(ROWS, 4).paddingIndex(0).named("words"));
        try (Model model = model(concat(words, Seq.of(words)));
                Training training = model.training(mse(), adam(0.01).group("*words*", sparseAdam(0.1)))) {
            String name = model.parameters().names().iterator().next();
            Tensor before = model.parameters().get(name);
            training.step(batch(0, 3, 4));
            boolean[] expected = new boolean[ROWS];
            expected[3] = true;
            expected[4] = true;
            assertThat(changed(before, model.parameters().get(name))).isEqualTo(expected);
        }
    }

    @Test
    void goingUpGoesTheOtherWay() {
        float[][] found = new float[2][];
        for (int i = 0; i < 2; i++) {
            try (Model model = model(embedding(ROWS, 4)).seed(1);
                    Training training = model.training(mse(), i == 0 ? MIXED : MIXED.maximise())) {
                Tensor before = model.parameters().get("0.weight");
                training.step(batch(1, 2, 3));
                found[i] = model.parameters().get("0.weight").floats();
                for (int j = 0; j < found[i].length; j++) {
                    found[i][j] -= before.floats()[j];
                }
            }
        }
        for (int j = 0; j < found[0].length; j++) {
            assertThat(found[1][j]).isCloseTo(-found[0][j], Offset.offset(1e-6f));
        }
    }

    static Stream<Optimizer> mixtures() {
        return Stream.of(
                sparseAdam(1), MIXED.clipNorm(1), MIXED.clipValue(1), MIXED.accumulate(2), MIXED.gradientNoise(1));
    }

    @ParameterizedTest
    @MethodSource("mixtures")
    void whatIsNoSumOfRowsIsRefused(Optimizer optimizer) {
        try (Model model = model(embedding(ROWS, 4))) {
            Map<String, Tensor> before = model.parameters().values();
            assertThatThrownBy(() -> {
                        try (Training training = model.training(mse(), optimizer)) {
                            training.step(batch(1, 2, 3));
                            training.step(batch(1, 2, 3));
                        }
                    })
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(" changes only the rows of ")
                    .hasMessageContaining("its gradient is no sum of rows");
            assertThat(model.parameters().values()).isEqualTo(before);
        }
    }

    @Test
    void averagesAndUpdatesByHandAreRefused() {
        try (Model model = model(embedding(ROWS, 4))) {
            assertThatThrownBy(() -> model.training(mse(), MIXED.average(0.9)))
                    .hasMessage(
                            "sparseAdam(0.1) changes only some rows in a step, and average all: give it no average");
            try (Training training = model.training(mse(), MIXED)) {
                training.forward(batch(1, 2, 3));
                training.backward();
                assertThatThrownBy(training::update)
                        .hasMessageStartingWith(
                                "sparseAdam(0.1) changes only the rows of 0.weight that a step reads. ");
            }
        }
    }

    @Test
    void numbersAreChecked() {
        assertThatThrownBy(() -> sparseAdam(1).eps(0)).hasMessageContaining("sparseAdam: eps");
        assertThat(Arrays.asList(sparseAdam(0.1).betas(0.5, 0.6).eps(0.1)))
                .hasToString("[sparseAdam(0.1).betas(0.5, 0.6).eps(0.1)]");
    }
}
