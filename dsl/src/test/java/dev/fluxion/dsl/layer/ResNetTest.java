package dev.fluxion.dsl.layer;

import static dev.fluxion.dsl.layer.Layers.batchNorm;
import static dev.fluxion.dsl.layer.Layers.conv;
import static dev.fluxion.dsl.layer.Layers.globalAvgPool;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.maxPool;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.layer.Layers.residual;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Layer;
import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.loss.Evaluation;
import dev.fluxion.dsl.loss.Losses;
import dev.fluxion.dsl.optim.Optimizers;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.Training;
import dev.fluxion.ir.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A narrow ResNet-18 trains as in PyTorch, as recorded by {@code record_resnet.py}. */
class ResNetTest {
    private static final int WIDTH = 8;
    private static final int SIZE = 64;
    private static final int BATCH = 16;
    private static final int BATCHES = 3;
    private static final int CLASSES = 10;

    private static Layer block(int in, int out, int stride) {
        Residual sum = residual(Seq.of(
                conv(in, out, 3).stride(stride).pad(1).bias(false),
                batchNorm(out),
                relu(),
                conv(out, out, 3).pad(1).bias(false),
                batchNorm(out)));
        boolean same = stride == 1 && in == out;
        return Seq.of(
                same ? sum : sum.shortcut(Seq.of(conv(in, out, 1).stride(stride).bias(false), batchNorm(out))), relu());
    }

    private static Seq net(int w) {
        return Seq.of(
                conv(3, w, 7).stride(2).pad(3).bias(false),
                batchNorm(w),
                relu(),
                maxPool(3).stride(2).pad(1),
                block(w, w, 1),
                block(w, w, 1),
                block(w, 2 * w, 2),
                block(2 * w, 2 * w, 1),
                block(2 * w, 4 * w, 2),
                block(4 * w, 4 * w, 1),
                block(4 * w, 8 * w, 2),
                block(8 * w, 8 * w, 1),
                globalAvgPool(),
                linear(8 * w, CLASSES));
    }

    @Test
    void aTrainingFollowsPyTorch() throws IOException {
        List<double[]> recorded = recorded();
        int steps = recorded.size() - 1;
        SplitMix random = new SplitMix(11);
        try (Model model = Model.of(net(WIDTH), 3, SIZE, SIZE)) {
            for (String name : model.parameters().names()) {
                Shape shape = model.parameters().shape(name);
                if (shape.rank() > 1) {
                    double bound = Math.sqrt(6.0 / (shape.size() / shape.dim(0)));
                    model.parameters().set(name, random.tensor(shape, u -> (u * 2 - 1) * bound));
                } else if (shape.dim(0) == CLASSES) {
                    model.parameters().set(name, Tensor.of(new float[CLASSES], shape));
                }
            }
            Tensor images = random.tensor(Shape.of(BATCHES * BATCH, 3, SIZE, SIZE), u -> u);
            int[] labels = new int[BATCHES * BATCH];
            for (int i = 0; i < labels.length; i++) {
                labels[i] = (int) (random.next() * CLASSES);
            }
            Batch all = new Batch(images, Tensor.labels(labels));
            Training training = model.training(
                    Losses.crossEntropy(), Optimizers.sgd(0.002).momentum(0.9).weightDecay(5e-4));
            for (int step = 0; step < steps; step++) {
                int from = step % BATCHES * BATCH;
                same(recorded.get(step), training.step(rows(all, from)), "step " + step);
            }
            double loss = Evaluation.of(Losses.crossEntropy(), model.predict(images), Tensor.labels(labels))
                    .value()
                    .item();
            same(recorded.get(steps), loss, "evaluation");
        }
    }

    private static Batch rows(Batch all, int from) {
        int row = 3 * SIZE * SIZE;
        float[] images = new float[BATCH * row];
        System.arraycopy(all.inputs().floats(), from * row, images, 0, images.length);
        int[] labels = new int[BATCH];
        System.arraycopy(all.targets().ints(), from, labels, 0, BATCH);
        return new Batch(Tensor.of(images, BATCH, 3, SIZE, SIZE), Tensor.labels(labels));
    }

    /** Within twice of what PyTorch's own runs differ by. */
    private static void same(double[] recorded, double loss, String what) {
        assertThat(loss).as(what).isCloseTo(recorded[0], within(Math.max(1e-4, 2 * recorded[1])));
    }

    private static List<double[]> recorded() throws IOException {
        try (InputStream in = Objects.requireNonNull(ResNetTest.class.getResourceAsStream("resnet-run.txt"))) {
            List<double[]> all = new ArrayList<>();
            for (String line : new String(in.readAllBytes(), StandardCharsets.US_ASCII).split("\n", -1)) {
                if (!line.startsWith("#") && !line.isBlank()) {
                    String[] words = line.split(" ", -1);
                    all.add(new double[] {Double.parseDouble(words[0]), Double.parseDouble(words[1])});
                }
            }
            return all;
        }
    }
}
