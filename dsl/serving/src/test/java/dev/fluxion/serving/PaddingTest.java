package dev.fluxion.serving;

import static dev.fluxion.dsl.layer.Layers.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Input;
import dev.fluxion.Layer;
import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests of different lengths, padded to a few and computed together. */
class PaddingTest {
    private static final float NOT = Float.NEGATIVE_INFINITY;
    private static final Padding MASKED = Padding.to("T", 4, 8).mask("mask", 0, NOT);
    private static final Padding COUNTED = Padding.to("T", 8, 4).lengths("lengths");

    private static Model attention() {
        Layer net = Seq.of(
                embedding(30, 8),
                multiHeadAttention(8, 2).keyPaddingMask("mask"),
                layerNorm(8),
                linear(5),
                output("tags"));
        return Model.of(
                net,
                Input.ints("ids", 12).varies(0, "T"),
                Input.floats("mask", 12).varies(0, "T").infinite(true));
    }

    private static Model recurrent() {
        Layer net = Seq.of(embedding(30, 8), gru(6).lengths("lengths"), output("states"), linear(5));
        return Model.of(net, Input.ints("ids", 12).varies(0, "T"), Input.ints("lengths"));
    }

    private static Tensor ids(int rows, int length, int seed) {
        return Tensor.of(new Random(seed).ints((long) rows * length, 0, 30).toArray(), Shape.of(rows, length));
    }

    @ParameterizedTest
    @CsvSource({"0", "2"})
    void anAnswerIsThatOfTheRequestAloneAndOfItsLength(int invariant) throws Exception {
        try (Model masked = attention();
                Model counted = recurrent()) {
            assertAnswers(masked, MASKED, "mask", invariant);
            assertAnswers(counted, COUNTED, "lengths", invariant);
        }
    }

    private static void assertAnswers(Model model, Padding padding, String made, int invariant) throws Exception {
        Batching options = Batching.defaults().workers(1).padding(padding).batchInvariant(invariant);
        Gate gate = Gate.shut();
        List<Tensor> given = new ArrayList<>();
        List<Tensors> alone = new ArrayList<>();
        List<CompletableFuture<Tensors>> answers = new ArrayList<>();
        try (Batcher one = Batcher.of(model, options).warmUp();
                Batcher batcher = Batcher.of(model, options.listener(gate))) {
            for (int length : new int[] {1, 3, 4, 2, 7, 5, 8, 9, 12, 3, 6}) {
                given.add(ids(1 + length % 2, length, length));
                alone.add(one.predict(Tensors.of("ids", given.get(given.size() - 1))));
                answers.add(batcher.submit(Tensors.of("ids", given.get(given.size() - 1))));
                if (answers.size() == 1) {
                    gate.awaitHeld();
                }
            }
            gate.release();
            for (int i = 0; i < answers.size(); i++) {
                Tensors answer = answers.get(i).join();
                if (invariant > 0) {
                    assertThat(answer).isEqualTo(alone.get(i));
                }
                assertClose(answer, unpadded(model, made, given.get(i)));
            }
            assertThat(gate.batches.size()).as("batches").isEqualTo(4);
            assertThat(one.predict(given.get(1)))
                    .isEqualTo(alone.get(1).all().values().iterator().next());
        }
    }

    private static Tensors unpadded(Model model, String made, Tensor ids) {
        int rows = ids.shape().dim(0);
        int length = ids.shape().dim(1);
        Tensor given = made.equals("mask")
                ? Tensor.zeros(rows, length)
                : Tensor.of(new Random().ints(rows, length, length + 1).toArray(), Shape.of(rows));
        return model.predict(Tensors.of("ids", ids).with(made, given));
    }

    private static void assertClose(Tensors answer, Tensors expected) {
        assertThat(answer.names()).isEqualTo(expected.names());
        for (String output : expected.names()) {
            assertThat(answer.get(output).shape())
                    .isEqualTo(expected.get(output).shape());
            for (int i = 0; i < expected.get(output).size(); i++) {
                assertThat(answer.get(output).floats()[i])
                        .isCloseTo(expected.get(output).floats()[i], within(1e-5f));
            }
        }
    }

    @Test
    void aMaskThatIsGivenIsKept() {
        try (Model model = attention();
                Batcher batcher = Batcher.of(model, Batching.defaults().padding(MASKED))) {
            Tensors given = Tensors.of("ids", ids(1, 3, 1)).with("mask", Tensor.of(new float[] {0, NOT, 0}, 1, 3));
            assertClose(batcher.predict(given), model.predict(given));
        }
    }

    @Test
    void whatDoesNotFitIsToldAsWithoutPadding() {
        try (Model model = attention();
                Batcher batcher = Batcher.of(model, Batching.defaults().padding(MASKED))) {
            assertThatThrownBy(() -> batcher.predict(ids(1, 13, 1))).hasMessageContaining("ids");
            assertThatThrownBy(() -> batcher.predict(Tensor.of(new int[3], Shape.of(3))))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() ->
                            batcher.predict(Tensors.of("ids", ids(1, 3, 1)).with("mask", Tensor.zeros(1, 4))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("T");
            assertThatThrownBy(() -> batcher.call(Tensors.of("ids", ids(1, 3, 1)), new float[15]))
                    .hasMessage("call: with a padding, samples are copied; predict or submit them");
        }
    }

    @Test
    void aPaddingThatChangesAnswersOrNamesNoInputIsRefused() {
        try (Model masked = attention();
                Model counted = recurrent()) {
            assertRefused(masked, Padding.to("T", 4).mask("mask", 0, 0), "'output' of samples of length 3 is another");
            assertRefused(masked, Padding.to("T", 4), "is another one when they are padded to 4");
            assertRefused(masked, Padding.to("H", 4), "no input has an extent 'H' that varies");
            assertRefused(masked, Padding.to("T", 4).mask("ids", 0, 1), "there must be an input 'ids' of a number");
            assertRefused(counted, Padding.to("T", 4).lengths("ids"), "there must be an input 'ids' of an integer");
            assertThatThrownBy(() -> Padding.to("T", 0)).hasMessageContaining("a length must be from 1");
        }
    }

    private static void assertRefused(Model model, Padding padding, String message) {
        assertThatThrownBy(() -> Batcher.of(model, Batching.defaults().padding(padding)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }
}
