package dev.fluxion.dsl.lint;

import dev.fluxion.Layer;
import dev.fluxion.MultiLoss;
import dev.fluxion.Optimizer;
import dev.fluxion.Tensor;
import dev.fluxion.data.DataLoader;
import dev.fluxion.data.Dataset;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.Trainer;
import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;
import java.util.function.UnaryOperator;

/** Small trainings and what is found in them. */
final class Runs {
    private Runs() {}

    /** Samples of four numbers around a corner for each class, with the classes that a function gives. */
    static Dataset blobs(int samples, long seed, IntUnaryOperator label) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] x = new float[4 * samples];
        int[] labels = new int[samples];
        for (int i = 0; i < samples; i++) {
            labels[i] = label.applyAsInt(i);
            for (int j = 0; j < 4; j++) {
                x[4 * i + j] = (float) (random.nextDouble(-0.5, 0.5) + (labels[i] == j ? 1 : 0));
            }
        }
        return Dataset.of(Tensor.of(x, samples, 4), Tensor.of(labels, Shape.of(samples)));
    }

    /** Three classes one after the other. */
    static Dataset blobs(int samples, long seed) {
        return blobs(samples, seed, i -> i % 3);
    }

    /** Samples and a number for each. */
    static Dataset line(int samples, double scale) {
        SplittableRandom random = new SplittableRandom(3);
        float[] x = new float[4 * samples];
        float[] y = new float[samples];
        for (int i = 0; i < samples; i++) {
            for (int j = 0; j < 4; j++) {
                x[4 * i + j] = (float) (scale * random.nextDouble(-1, 1));
                y[i] += (j + 1) * x[4 * i + j];
            }
        }
        return Dataset.of(Tensor.of(x, samples, 4), Tensor.of(y, samples, 1));
    }

    /** Grey pictures of whole numbers from 0 to 255, with two classes. */
    static Dataset pictures(int samples) {
        SplittableRandom random = new SplittableRandom(4);
        float[] x = new float[64 * samples];
        for (int i = 0; i < x.length; i++) {
            x[i] = random.nextInt(256);
        }
        int[] labels = new int[samples];
        for (int i = 0; i < samples; i++) {
            labels[i] = random.nextInt(2);
        }
        return Dataset.of(Tensor.of(x, samples, 1, 8, 8), Tensor.of(labels, Shape.of(samples)));
    }

    static DataLoader shuffled(Dataset data, int batch) {
        return DataLoader.of(data).batch(batch).shuffle(1);
    }

    static List<Finding> fit(Layer net, MultiLoss loss, Optimizer optimizer, DataLoader data) {
        return fit(net, loss, optimizer, data, trainer -> trainer);
    }

    static List<Finding> fit(
            Layer net, MultiLoss loss, Optimizer optimizer, DataLoader data, UnaryOperator<Trainer> how) {
        int[] dims = data.dataset().batch(0).inputs().shape().without(0).dims();
        try (Model model = Model.of(net, dims)) {
            return fit(model, loss, optimizer, data, how);
        }
    }

    static List<Finding> fit(
            Model model, MultiLoss loss, Optimizer optimizer, DataLoader data, UnaryOperator<Trainer> how) {
        List<Finding> findings = new ArrayList<>();
        how.apply(Trainer.of(loss, optimizer).lint(Lint.all().to(findings::add)))
                .fit(model, data);
        return findings;
    }
}
