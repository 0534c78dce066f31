package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Input;
import dev.fluxion.Layer;
import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Programs of few sizes predict any number of samples. */
class PredictionsTest {
    private static final Seq CONVOLUTIONS = Seq.of(conv(2, 8, 3).pad(1), relu(), maxPool(2), flatten(), linear(5));

    private static Tensor samples(int rows, int... sample) {
        int[] dims = IntStream.concat(IntStream.of(rows), IntStream.of(sample)).toArray();
        float[] data = new float[Shape.of(dims).size()];
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) random.nextDouble(-1, 1);
        }
        return Tensor.of(data, dims);
    }

    private static void same(Tensor actual, Tensor expected) {
        assertThat(actual.shape()).isEqualTo(expected.shape());
        for (int i = 0; i < actual.size(); i++) {
            assertThat(actual.floats()[i]).isCloseTo(expected.floats()[i], Offset.offset(1e-5f));
        }
    }

    @Test
    void everyNumberOfRowsIsDividedAtTheLeastCost() {
        BatchSizes usual = BatchSizes.usual();
        assertThat(usual.division(0.1).parts(200)).containsExactly(128, 64, 8);
        assertThat(usual.division(0.1).parts(11)).containsExactly(8, 3);
        assertThat(usual.division(2).parts(127)).containsExactly(128);
        assertThat(usual.division(1).parts(1000)).containsExactly(256, 256, 256, 128, 64, 32, 8);
        assertThat(BatchSizes.of(8, 1, 32).division(1).parts(47)).containsExactly(32, 8, 8);
        assertThat(BatchSizes.of(5).division(1).parts(12)).containsExactly(5, 5, 5);
        assertThat(BatchSizes.of(2, 4).division(9).parts(3)).containsExactly(4);
    }

    @Test
    void noNumberOfRowsCostsMuchMoreThanAProgramOfItsOwn() {
        for (double overhead : new double[] {0.01, 0.3, 1, 3, 7, 17, 30, 50, 100, 400, 1e9}) {
            BatchSizes.Division division = BatchSizes.usual().division(overhead);
            for (int rows = 1; rows <= 600; rows++) {
                List<Integer> parts = division.parts(rows);
                int sum = parts.stream().mapToInt(p -> p).sum();
                assertThat(sum).isBetween(rows, Math.max(rows, 2 * rows - 1));
                assertThat(sum - parts.get(parts.size() - 1)).isLessThan(rows);
                double cost = sum + overhead * parts.size();
                if (rows <= 256) {
                    assertThat(cost / (rows + overhead))
                            .as("%s rows in %s", rows, parts)
                            .isLessThanOrEqualTo(1.12);
                }
            }
            assertThat(division.upTo(256)).hasSizeLessThanOrEqualTo(32);
        }
        assertThat(BatchSizes.usual().division(0.2).upTo(256))
                .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 16, 32, 64, 128, 256);
    }

    @Test
    void samplesWithoutElementsAreDivided() {
        try (Model model = Model.of(relu(), 3, 0)) {
            assertThat(model.predict(Tensor.zeros(5, 3, 0)).shape()).isEqualTo(Shape.of(5, 3, 0));
        }
    }

    @Test
    void everyNumberOfSamplesIsPredictedAsInAProgramOfItsOwn() {
        Tensor all = samples(300, 2, 6, 6);
        try (Model model = Model.of(CONVOLUTIONS, 2, 6, 6)) {
            for (int rows : new int[] {1, 2, 3, 7, 12, 33, 100, 127, 200, 255, 257, 300}) {
                Tensor some = all.rows(0, rows);
                try (Model own = Model.of(CONVOLUTIONS, 2, 6, 6).batchSizes(rows)) {
                    same(model.predict(some), own.predict(some));
                    same(model.probabilities(some), own.probabilities(some));
                }
            }
        }
    }

    @Test
    void nothingIsCompiledOnceThereIsAProgramOfEachSize() {
        Tensor all = samples(500, 2, 6, 6);
        SplittableRandom random = new SplittableRandom(1);
        try (Model model = Model.of(CONVOLUTIONS, 2, 6, 6)) {
            for (int size = 1; size <= 256; size++) {
                model.predict(all.rows(0, size));
            }
            ModelMemory before = model.memory();
            assertThat(before.programs()).isBetween(9, 32);
            assertThat(before.weights()).isPositive();
            assertThat(before.arenas()).isPositive();
            for (int i = 0; i < 100; i++) {
                model.predict(all.rows(0, random.nextInt(1, 501)));
            }
            assertThat(model.memory()).isEqualTo(before);
        }
    }

    @Test
    void predictionsOfSeveralKindsFindTheirProgramsAgain() {
        Tensor all = samples(256, 32);
        try (Model model = Model.of(Seq.of(linear(64), relu(), linear(64), relu(), linear(10)), 32)) {
            for (int size = 1; size <= 256; size++) {
                model.predict(all.rows(0, size));
            }
            int one = model.memory().programs();
            assertThat(one).isGreaterThan(20);
            for (int size = 1; size <= 256; size++) {
                model.probabilities(all.rows(0, size));
            }
            assertThat(model.memory().programs()).isGreaterThan(one + 20);
        }
    }

    /** What came before changes no bit, and neither does the number of threads. */
    @Test
    void onlyTheNumberOfSamplesMatters() {
        Tensor all = samples(77, 2, 6, 6);
        Tensor first;
        try (Model model = Model.of(CONVOLUTIONS, 2, 6, 6).threads(1)) {
            first = model.predict(all);
        }
        for (int threads : new int[] {1, 2, 4}) {
            try (Model model = Model.of(CONVOLUTIONS, 2, 6, 6).threads(threads)) {
                for (int rows : new int[] {3, 64, 50}) {
                    model.predict(all.rows(0, rows));
                }
                assertThat(model.predict(all)).isEqualTo(first);
            }
        }
    }

    /** Layers that know their neighbours in the batch, its size, or their place in it. */
    @Test
    void whereSamplesAreMixedTheBatchStaysWhole() {
        Map<String, Layer> mixing = Map.of(
                "mean", layer("mean", (scope, x) -> x.sub(x.mean(0).broadcastTo(x.shape()))),
                "count", layer("count", (scope, x) -> x.mul(x.shape().dim(0))),
                "place",
                        layer(
                                "place",
                                (scope, x) -> x.add(Expr.iota(x.shape().dim(0))
                                        .toFloat()
                                        .reshape(-1, 1)
                                        .broadcastTo(x.shape()))),
                "first", layer("first", (scope, x) -> x.add(x.slice(0, 0, 1).broadcastTo(x.shape()))),
                "sorted",
                        layer(
                                "sorted",
                                (scope, x) -> x.transpose(1, 0).softmax(1).transpose(1, 0)));
        mixing.forEach((name, layer) -> {
            try (Model model = Model.of(layer, 3);
                    Model own = Model.of(layer, 3).batchSizes(7)) {
                Tensor x = samples(7, 3);
                assertThat(model.predict(x)).as(name).isEqualTo(own.predict(x));
                assertThat(model.memory().programs()).as(name).isEqualTo(1);
            }
        });
    }

    @Test
    void programsThatAreNotUsedMakeRoom() {
        Layer mixing = layer("mean", (scope, x) -> x.sub(x.mean(0).broadcastTo(x.shape())));
        try (Model model = Model.of(mixing, 3)) {
            for (int rows = 1; rows <= 100; rows++) {
                model.predict(samples(rows, 3));
            }
            assertThat(model.memory().programs()).isEqualTo(96);
        }
    }

    @Test
    void sizesAreChecked() {
        try (Model model = Model.of(linear(2, 3), 2)) {
            assertThatThrownBy(model::batchSizes)
                    .hasMessage("batchSizes: expected at least one size, each from 1 to 65536, but got []");
            assertThatThrownBy(() -> model.batchSizes(1, 0)).hasMessageContaining("but got [1, 0]");
        }
    }

    /** A complaint counts samples as the user does. */
    @Test
    void aNumberThatIsNotFiniteIsToldWhereItIs() {
        Tensor x = samples(100, 2);
        x.floats()[2 * 98 + 1] = Float.NaN;
        try (Model model = Model.of(linear(2, 3), 2)) {
            assertThatThrownBy(() -> model.predict(x)).hasMessage("'input' must be finite, but element [98, 1] is NaN");
        }
    }

    /** Looking up ids knows no neighbours; an id that no table has is told with its place. */
    @Test
    void samplesOfIdsAreDividedToo() {
        try (Model model = Model.of(Seq.of(embedding(9, 4), gru(3).lengths("n")), Input.ints("ids", 2), Input.ints("n"))
                .batchSizes(1, 64, 256)) {
            int[] ids = new int[600];
            int[] lengths = new int[300];
            Arrays.setAll(ids, i -> i % 9);
            Arrays.fill(lengths, 2);
            Tensors given =
                    Tensors.of("ids", Tensor.of(ids, Shape.of(300, 2))).with("n", Tensor.of(lengths, Shape.of(300)));
            Tensor all = model.predict(given).get("output");
            assertThat(model.memory().programs()).isEqualTo(2);
            Tensors last = Tensors.of("ids", Tensor.of(new int[] {ids[598], ids[599]}, Shape.of(1, 2)))
                    .with("n", Tensor.of(new int[] {2}, Shape.of(1)));
            Tensor alone = model.predict(last).get("output");
            for (int i = 0; i < alone.size(); i++) {
                assertThat(all.floats()[all.size() - alone.size() + i])
                        .isCloseTo(alone.floats()[i], Offset.offset(1e-6f));
            }
            ids[521] = 9;
            assertThatThrownBy(() -> model.predict(given))
                    .hasMessage("of samples 256 to 299, counted from 0: embedding(9, 4): each id must be in [0, 9), but"
                            + " element [4, 1] is 9");
        }
    }

    @Test
    void usingTheModelWhileItAsksItsLayersIsRefused() {
        Model[] own = new Model[1];
        Layer predicting = layer("predicting", (scope, x) -> {
            if (own[0] != null) {
                own[0].predict(Tensor.full(1, 1, 2));
            }
            return x;
        });
        try (Model model = Model.of(predicting, 2)) {
            own[0] = model;
            assertThatThrownBy(() -> model.predict(Tensor.full(1, 1, 2)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("a layer or a loss uses the model that it is a part of");
            own[0] = null;
            assertThat(model.predict(Tensor.full(1, 1, 2))).isEqualTo(Tensor.full(1, 1, 2));
        }
    }

    @Test
    void layersThatReturnNullAreTold() {
        assertThatThrownBy(() -> Model.of(layer("nothing", (scope, x) -> null), 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("nothing at PredictionsTest.java:\\d+ returned null, expected an expression");
        assertThatThrownBy(() -> Model.of(Seq.of(linear(2), (scope, x) -> null), 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("lambda at PredictionsTest.java:\\d+ \\(layer 1 of the model\\) returned null,"
                        + " expected an expression");
    }

    /** A first program that fails chooses nothing: the next one is as if there had been none. */
    @Test
    void aFailureToCompileLeavesTheModelAsItWas() {
        boolean[] fails = {true};
        Layer failing = layer("failing", (scope, x) -> {
            if (fails[0] && x.shape().dim(0) > 1) {
                throw new IllegalStateException("on purpose");
            }
            return x;
        });
        Seq net = Seq.of(conv(2, 8, 3), failing, flatten(), linear(3));
        Tensor x = samples(4, 2, 6, 6);
        try (Model model = Model.of(net, 2, 6, 6);
                Model other = Model.of(net, 2, 6, 6)) {
            assertThatThrownBy(() -> model.predict(x)).hasMessage("on purpose");
            assertThat(model.memory()).isEqualTo(new ModelMemory(0, 0, 0));
            fails[0] = false;
            assertThat(model.predict(x)).isEqualTo(other.predict(x));
        }
    }
}
