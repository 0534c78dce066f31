package dev.fluxion.dsl.optim;

import static dev.fluxion.data.Augmentations.affine;
import static dev.fluxion.data.Augmentations.colorJitter;
import static dev.fluxion.data.Augmentations.crop;
import static dev.fluxion.data.Augmentations.cutout;
import static dev.fluxion.data.Augmentations.flip;
import static dev.fluxion.data.Augmentations.mixup;
import static dev.fluxion.dsl.layer.Layers.batchNorm;
import static dev.fluxion.dsl.layer.Layers.dropout;
import static dev.fluxion.dsl.layer.Layers.flatten;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.loss.Losses.crossEntropy;
import static dev.fluxion.dsl.loss.Losses.crossEntropyWithProbabilities;
import static dev.fluxion.dsl.loss.Losses.mse;
import static dev.fluxion.dsl.optim.Optimizers.sgd;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Loss;
import dev.fluxion.Optimizer;
import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.data.DataLoader;
import dev.fluxion.data.Dataset;
import dev.fluxion.data.Sampler;
import dev.fluxion.data.SyntheticDigits;
import dev.fluxion.data.Transforms;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.train.Checkpoint;
import dev.fluxion.dsl.train.Checkpoints;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.Trainer;
import dev.fluxion.dsl.train.Training;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * With every optimizer, with buffers, and whatever the loader does to its samples, n steps, a file, and n more steps in another model
 * are bit for bit 2n steps.
 */
class ResumeTest {
    private static final Seq NET = Seq.of(linear(3, 8), batchNorm(8), relu(), dropout(0.3), linear(8, 2));
    private static final Seq DIGITS = Seq.of(flatten(), linear(784, 8), relu(), dropout(0.3), linear(8, 10));
    private static final int STEPS = 4;

    @TempDir
    Path folder;

    @TestFactory
    Stream<DynamicTest> everyOptimizerGoesOnWhereItWas() {
        return Stream.of(OptimizerCases.all(), OptimizerCases.searches())
                .flatMap(cases -> cases.entrySet().stream())
                .map(c -> DynamicTest.dynamicTest(c.getKey(), () -> resumes(c.getValue())));
    }

    private void resumes(Optimizer optimizer) throws IOException {
        Path file = folder.resolve("checkpoint.safetensors");
        Checkpoint whole;
        try (Model model = Model.of(NET, 3).threads(1);
                Training training = model.training(mse(), optimizer)) {
            steps(training, 0);
            training.checkpoint().save(file);
            steps(training, STEPS);
            whole = training.checkpoint();
        }
        try (Model model = Model.of(NET, 3).seed(9).threads(1);
                Training training = model.training(mse(), optimizer).restore(Checkpoint.load(file))) {
            steps(training, STEPS);
            assertThat(training.checkpoint()).isEqualTo(whole);
        }
    }

    /** In the middle of the second epoch; batches that are made in the background or not. */
    @TestFactory
    Stream<DynamicTest> everyLoaderGoesOnWhereItWas() {
        Dataset digits = SyntheticDigits.of(30, 1);
        DataLoader plain = DataLoader.of(digits).batch(4);
        Map<String, DataLoader> loaders = new LinkedHashMap<>();
        loaders.put("shuffled", plain.shuffle(1));
        loaders.put("balanced", plain.order(Sampler.balanced(1, digits.labels())));
        loaders.put(
                "weighted",
                plain.order(Sampler.weighted(
                        1, DoubleStream.iterate(1, w -> w + 1).limit(30).toArray(), 26)));
        loaders.put("by length", plain.order(Sampler.byLength(1, digits.labels())));
        DataLoader augmented = plain.shuffle(1)
                .augment(
                        2,
                        crop(28).padding(2),
                        flip(),
                        affine().degrees(15).shift(0.1).scale(0.9, 1.1).shear(5),
                        colorJitter().brightness(0.2).contrast(0.2),
                        cutout(5),
                        Transforms.normalize(0.5f, 0.5f),
                        mixup(0.4, 10));
        loaders.put("augmented", augmented);
        loaders.put("augmented, some repeatedly", augmented.order(Sampler.balanced(3, digits.labels())));
        return loaders.entrySet().stream().flatMap(c -> Stream.of(0, 3)
                .map(ahead -> DynamicTest.dynamicTest(
                        c.getKey() + ", " + ahead + " ahead",
                        () -> resumes(c.getValue(), c.getValue().prefetch(ahead)))));
    }

    private void resumes(DataLoader alone, DataLoader loader) throws IOException {
        Loss loss = loader.augmentations().isEmpty() ? crossEntropy() : crossEntropyWithProbabilities();
        Trainer trainer = Trainer.of(loss, sgd(0.1).momentum(0.9)).epochs(3);
        Map<String, Tensor> whole = trained(trainer, alone);
        Checkpoints checkpoints =
                Checkpoints.in(Files.createTempDirectory(folder, "run")).every(1);
        trained(trainer.steps(11).checkpoints(checkpoints), loader);
        assertThat(trained(trainer.checkpoints(checkpoints.resume()), loader)).isEqualTo(whole);
    }

    private static Map<String, Tensor> trained(Trainer trainer, DataLoader loader) {
        try (Model model = Model.of(DIGITS, 1, 28, 28).threads(1)) {
            trainer.fit(model, loader);
            return model.parameters().values();
        }
    }

    private static void steps(Training training, int from) {
        for (int i = from; i < from + STEPS; i++) {
            SplittableRandom random = new SplittableRandom(i);
            float[] x = new float[12];
            float[] y = new float[8];
            for (int j = 0; j < 12; j++) {
                x[j] = (float) random.nextDouble(-1, 1);
                y[j % 8] = (float) random.nextDouble(-1, 1);
            }
            training.step(new Batch(Tensor.of(x, 4, 3), Tensor.of(y, 4, 2)));
        }
    }
}
