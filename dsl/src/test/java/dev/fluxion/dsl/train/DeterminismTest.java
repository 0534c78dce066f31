package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.conv;
import static dev.fluxion.dsl.layer.Layers.dropout;
import static dev.fluxion.dsl.layer.Layers.flatten;
import static dev.fluxion.dsl.layer.Layers.globalAvgPool;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.maxPool;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.layer.Layers.residual;
import static dev.fluxion.dsl.layer.Layers.sigmoid;
import static dev.fluxion.dsl.layer.Layers.tanh;
import static dev.fluxion.dsl.loss.Losses.crossEntropy;
import static dev.fluxion.dsl.optim.Optimizers.adam;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.engine.kernel.Winograd;
import dev.fluxion.ffi.MatMul;
import dev.fluxion.ffi.NoImplementationException;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Training gives the same bits in every run and with every number of threads. */
class DeterminismTest {
    private static final int STEPS = 200;
    private static final int BATCH = 32;
    private static String once = "";

    @BeforeAll
    static void trainOnce() {
        once = trained(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8})
    void everyNumberOfThreadsGivesTheSameWeights(int threads) {
        assertThat(trained(threads)).isEqualTo(once);
    }

    @Test
    void theBatchIsDividedAmongThreads() {
        try (Model model = model(2)) {
            assertThat(model.training(crossEntropy(), adam(1e-3))
                            .program(BATCH)
                            .explain()
                            .lanes())
                    .isEqualTo(2);
        }
    }

    /** A single image has no batch to divide: its channels are divided. */
    @Test
    void everyNumberOfThreadsPredictsTheSame() {
        Tensor image = Tensor.of(batch(new Random(5)).inputs().floats(), BATCH, 1, 16, 16);
        Tensor one = Tensor.of(Arrays.copyOf(image.floats(), 256), 1, 1, 16, 16);
        float[][] answers = new float[3][];
        for (int threads = 1; threads <= 3; threads++) {
            try (Model model = Model.of(
                            Seq.of(conv(1, 64, 3), relu(), conv(64, 64, 3), flatten(), linear(9216, 32)), 1, 16, 16)
                    .seed(3)
                    .threads(threads)) {
                answers[threads - 1] = model.predict(one).floats();
                assertThat(model.predictor(1).explain().lanes()).isEqualTo(threads);
            }
        }
        assertThat(answers[1]).isEqualTo(answers[0]);
        assertThat(answers[2]).isEqualTo(answers[0]);
    }

    /** A convolution too small to be divided computes its activation, also where whoever reads that is divided. */
    @Test
    void everyNumberOfThreadsPredictsTheSameWithASmallConvolutionBesideALargeOne() {
        Seq net = Seq.of(conv(16, 32, 5).pad(2), residual(Seq.of(conv(32, 32, 1), sigmoid())), flatten());
        Tensor image = Tensor.of(Arrays.copyOf(batch(new Random(5)).inputs().floats(), 16 * 16 * 16), 1, 16, 16, 16);
        List<Tensor> answers = new ArrayList<>();
        for (int threads = 1; threads <= 2; threads++) {
            try (Model model = Model.of(net, 16, 16, 16).seed(3).threads(threads)) {
                answers.add(model.predict(image));
                assertThat(model.predictor(1).explain().lanes()).isEqualTo(threads);
            }
        }
        assertThat(answers.get(1)).isEqualTo(answers.get(0));
    }

    /** Large 3×3 convolutions take a form with fewer multiplications. */
    @Test
    void everyNumberOfThreadsTrainsLargeConvolutionsTheSame() {
        Seq net = Seq.of(conv(1, 64, 3).pad(1), relu(), conv(64, 64, 3).pad(1), globalAvgPool(), linear(10));
        List<String> hashes = new ArrayList<>();
        for (int threads : new int[] {1, 2, 4}) {
            try (Model model = Model.of(net, 1, 16, 16).seed(7).threads(threads)) {
                hashes.add(trained(model, 10));
                String explanation = model.training(crossEntropy(), adam(1e-3))
                        .program(BATCH)
                        .explain()
                        .toString();
                Shape images = Shape.of(1, 64, 16, 16);
                Winograd form = new Winograd(images, images, Size.of(1));
                assertThat(explanation.contains("bias winograd")).isEqualTo(isOffered(form.product()));
                assertThat(explanation.contains("convGradWeight pad 1 winograd"))
                        .isEqualTo(isOffered(form.sumGradients()));
            }
        }
        assertThat(hashes).containsOnly(hashes.get(0));
    }

    /** A single image's convolutions are divided, and their gradients computed beside each other. */
    @Test
    void everyNumberOfThreadsTrainsASingleImageTheSame() {
        Seq net = Seq.of(
                conv(1, 32, 3).pad(1),
                tanh(),
                conv(32, 64, 5).pad(2),
                maxPool(2),
                conv(64, 64, 3).pad(1),
                relu(),
                conv(64, 32, 1),
                flatten(),
                linear(2048, 64),
                linear(64, 10));
        List<String> hashes = new ArrayList<>();
        for (int threads : new int[] {1, 2, 4}) {
            try (Model model = Model.of(net, 1, 16, 16).seed(7).threads(threads)) {
                Training training = model.training(crossEntropy(), adam(1e-3));
                Random random = new Random(2);
                for (int step = 0; step < 20; step++) {
                    training.step(batch(random, 1));
                }
                hashes.add(hash(model));
                assertThat(training.program(1).explain().lanes()).isGreaterThanOrEqualTo(Math.min(threads, 2));
            }
        }
        assertThat(hashes).containsOnly(hashes.get(0));
    }

    /** Whether the library has a kernel for a product, as it has from AVX2 on. */
    private static boolean isOffered(MatMul product) {
        try (Primitive primitive = Primitive.of(product)) {
            return !primitive.implementation().isEmpty();
        } catch (NoImplementationException e) {
            return false;
        }
    }

    private static Model model(int threads) {
        return Model.of(
                        Seq.of(
                                conv(1, 16, 3),
                                maxPool(2),
                                relu(),
                                conv(16, 32, 3),
                                maxPool(2),
                                flatten(),
                                dropout(0.25),
                                linear(128, 10)),
                        1,
                        16,
                        16)
                .seed(7)
                .threads(threads);
    }

    private static String trained(int threads) {
        try (Model model = model(threads)) {
            return trained(model, STEPS);
        }
    }

    private static String trained(Model model, int steps) {
        Training training = model.training(crossEntropy(), adam(1e-3));
        Random random = new Random(1);
        for (int step = 0; step < steps; step++) {
            training.step(batch(random));
        }
        return hash(model);
    }

    private static Batch batch(Random random) {
        return batch(random, BATCH);
    }

    private static Batch batch(Random random, int size) {
        float[] images = new float[size * 256];
        int[] labels = new int[size];
        for (int i = 0; i < images.length; i++) {
            images[i] = (float) random.nextGaussian();
        }
        for (int i = 0; i < labels.length; i++) {
            labels[i] = random.nextInt(10);
        }
        return new Batch(Tensor.of(images, size, 1, 16, 16), Tensor.of(labels, Shape.of(size)));
    }

    private static String hash(Model model) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Tensor value : model.parameters().values().values()) {
                ByteBuffer bytes = ByteBuffer.allocate(value.floats().length * Float.BYTES);
                bytes.asFloatBuffer().put(value.floats());
                digest.update(bytes);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
