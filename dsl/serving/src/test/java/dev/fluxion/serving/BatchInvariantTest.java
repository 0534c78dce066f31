package dev.fluxion.serving;

import static dev.fluxion.dsl.layer.Layers.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Layer;
import dev.fluxion.Tensor;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.train.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** With {@link Batching#batchInvariant}, no bit of an answer depends on what else is in its batch, or on its place there. */
class BatchInvariantTest {
    private static final int SAMPLES = 40;

    static Stream<Arguments> nets() {
        return Stream.of(
                net("mlp", Seq.of(linear(96), relu(), linear(80), relu(), linear(10)), 60),
                net("tiny", Seq.of(linear(16), relu(), linear(3)), 4),
                net("narrow", Seq.of(linear(64), relu(), linear(1)), 60),
                net(
                        "convolutions",
                        Seq.of(
                                conv(8, 5).pad(2),
                                maxPool(2),
                                conv(16, 3),
                                relu(),
                                flatten(),
                                linear(32),
                                relu(),
                                linear(10)),
                        3,
                        14,
                        14),
                net(
                        "norms",
                        Seq.of(conv(8, 3), batchNorm(), relu(), globalAvgPool(), flatten(), linear(9), layerNorm(9)),
                        2,
                        9,
                        9),
                // Numbers near 0 beside others so large that sums of them might overflow.
                net(
                        "scales",
                        Seq.of(conv(16, 3).bias(false), relu(), conv(16, 3).bias(false), relu()),
                        new float[] {1e-38f, 1e31f, 1},
                        16,
                        8,
                        8),
                net("recurrent", Seq.of(gru(24), lstm(16), linear(9)), 7, 12),
                net("attention", Seq.of(linear(32), multiHeadAttention(32, 4), layerNorm(32), linear(5)), 9, 16));
    }

    private static Arguments net(String name, Layer layer, int... sample) {
        return net(name, layer, new float[] {1}, sample);
    }

    private static Arguments net(String name, Layer layer, float[] scales, int... sample) {
        return Arguments.of(name, layer, scales, sample);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("nets")
    void anAnswerHasTheBitsOfTheRequestAlone(String name, Layer layer, float[] scales, int[] sample) throws Exception {
        try (Model model = Model.of(layer, sample)) {
            for (int program : new int[] {1, 3, 6, 8, 32}) {
                List<Tensor> given = samples(scales, sample);
                List<Tensor> alone = new ArrayList<>();
                Batching options = Batching.defaults().batchInvariant(program).workers(2);
                try (Batcher batcher = Batcher.of(model, options.threadsPerWorker(1))) {
                    given.forEach(one -> alone.add(batcher.predict(one)));
                }
                assertThat(together(model, options.maxBatch(13).threadsPerWorker(2), given))
                        .isEqualTo(alone);
            }
        }
    }

    private static List<Tensor> together(Model model, Batching options, List<Tensor> given) throws Exception {
        Gate gate = Gate.shut();
        try (Batcher batcher = Batcher.of(model, options.listener(gate))) {
            List<CompletableFuture<Tensor>> answers = new ArrayList<>();
            for (Tensor one : given) {
                answers.add(batcher.submit(one));
                if (answers.size() == 1) {
                    gate.awaitHeld();
                }
            }
            gate.release();
            List<Tensor> joined = answers.stream().map(CompletableFuture::join).toList();
            assertThat(gate.batches.size()).isLessThan(SAMPLES / 4);
            return joined;
        }
    }

    /** Samples whose numbers are about as large as each scale in turn. */
    private static List<Tensor> samples(float[] scales, int[] sample) {
        Random random = new Random(3);
        int[] batch = new int[sample.length + 1];
        batch[0] = 1;
        System.arraycopy(sample, 0, batch, 1, sample.length);
        return IntStream.range(0, SAMPLES)
                .mapToObj(number -> {
                    Tensor one = Tensor.zeros(batch);
                    for (int i = 0; i < one.size(); i++) {
                        one.floats()[i] = (float) random.nextGaussian() * scales[number % scales.length];
                    }
                    return one;
                })
                .toList();
    }
}
