package dev.fluxion.examples.cli;

import static dev.fluxion.data.Augmentations.crop;
import static dev.fluxion.data.Augmentations.flip;
import static dev.fluxion.dsl.layer.Layers.batchNorm;
import static dev.fluxion.dsl.layer.Layers.conv;
import static dev.fluxion.dsl.layer.Layers.flatten;
import static dev.fluxion.dsl.layer.Layers.gelu;
import static dev.fluxion.dsl.layer.Layers.globalAvgPool;
import static dev.fluxion.dsl.layer.Layers.globalMaxPool;
import static dev.fluxion.dsl.layer.Layers.layer;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.maxPool;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.layer.Layers.residual;
import static dev.fluxion.dsl.layer.Layers.shared;
import static dev.fluxion.dsl.loss.Losses.crossEntropy;
import static dev.fluxion.dsl.optim.Optimizers.sgd;

import dev.fluxion.Layer;
import dev.fluxion.MultiLoss;
import dev.fluxion.Optimizer;
import dev.fluxion.Schedule;
import dev.fluxion.data.Augmentation;
import dev.fluxion.dsl.layer.Conv;
import dev.fluxion.dsl.layer.Initializers;
import dev.fluxion.dsl.layer.Residual;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.optim.Schedules;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.fn.Selection;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** The built-in nets. They classify samples of the size of the data. */
enum Nets implements Recipe {
    /** Logits that are linear in the inputs. */
    LINEAR {
        @Override
        Seq layers(int classes) {
            return Seq.of(flatten(), linear(classes));
        }
    },
    /** Two hidden layers. */
    MLP {
        @Override
        Seq layers(int classes) {
            return Seq.of(flatten(), linear(256), relu(), linear(128), relu(), linear(classes));
        }
    },
    /** Two convolutions, for digits and the like: over 99.3 % on MNIST after 20 epochs. */
    CONV {
        @Override
        Seq layers(int classes) {
            return Seq.of(
                    conv(32, 3),
                    relu(),
                    maxPool(2),
                    conv(64, 3),
                    relu(),
                    maxPool(2),
                    flatten(),
                    linear(128),
                    relu(),
                    linear(classes));
        }

        @Override
        public double rate() {
            return 0.01;
        }

        @Override
        public Optimizer optimizer(double rate) {
            return sgd(rate).momentum(0.9);
        }

        @Override
        public Schedule schedule(int epochs, int steps) {
            return Schedules.cosine(epochs, 0);
        }

        @Override
        public List<Augmentation> augmentations(TrainingData data) {
            return List.of(shifts(data, 2));
        }
    },
    /** Four residual blocks. */
    RESNET {
        @Override
        Seq layers(int classes) {
            return Seq.of(
                    conv(16, 3).pad(1).bias(false),
                    batchNorm(),
                    relu(),
                    block(16),
                    relu(),
                    maxPool(2),
                    wider(32),
                    relu(),
                    block(32),
                    relu(),
                    maxPool(2),
                    wider(64),
                    relu(),
                    globalAvgPool(),
                    linear(classes));
        }
    },
    /** Six convolutions behind a whitening one, for small photographs: 90.4 % on CIFAR-10 (after K. Jordan, see {@link Whitening}). */
    AIRBENCH {
        @Override
        Seq layers(int classes) {
            return Seq.of(
                    gelu(),
                    pair(64),
                    pair(192),
                    pair(224),
                    globalMaxPool(),
                    linear(classes).bias(false),
                    layer("scale()", (scope, x) -> x.div(9)));
        }

        @Override
        public Model model(TrainingData data) {
            Seq net = Seq.of(Whitening.of(data.train()), layers(data.classes().size()));
            return Model.of(mirrored(net), data.sample());
        }

        @Override
        public MultiLoss loss() {
            return crossEntropy().labelSmoothing(0.2);
        }

        @Override
        public int epochs() {
            return 17;
        }

        @Override
        public int batch() {
            return 512;
        }

        @Override
        public double rate() {
            return 0.75;
        }

        @Override
        public Optimizer optimizer(double rate) {
            return sgd(rate).momentum(0.85).nesterov(true).weightDecay(1.33e-3).noDecay("*.bias");
        }

        @Override
        public Schedule schedule(int epochs, int steps) {
            int up = 1 + epochs * steps * 23 / 100;
            return Schedules.linear(0.2, 1, up)
                    .then(up, Schedules.linear(1, 0.01, epochs * steps + 1 - up))
                    .bySteps();
        }

        @Override
        public List<Augmentation> augmentations(TrainingData data) {
            return List.of(shifts(data, 2), flip());
        }
    };

    abstract Seq layers(int classes);

    @Override
    public Model model(TrainingData data) {
        return Model.of(layers(data.classes().size()), data.sample());
    }

    private static Residual block(int channels) {
        return residual(Seq.of(
                conv(channels, 3).pad(1).bias(false),
                batchNorm(),
                relu(),
                conv(channels, 3).pad(1).bias(false),
                batchNorm()));
    }

    /** Two convolutions, of which the first halves height and width. */
    private static Seq pair(int channels) {
        return Seq.of(same(channels), maxPool(2), norm(), gelu(), same(channels), norm(), gelu());
    }

    /** A convolution that at first hands on its inputs, as far as it has outputs for them. */
    private static Conv same(int channels) {
        return conv(channels, 3).pad(1).bias(false).weightInit(Nets::identity);
    }

    private static void identity(float[] weights, Shape shape, RandomGenerator random) {
        Initializers.fanIn().fill(weights, shape, random);
        int taps = shape.dim(2) * shape.dim(3);
        int size = shape.dim(1) * taps;
        for (int c = 0; c < Math.min(shape.dim(0), shape.dim(1)); c++) {
            Arrays.fill(weights, c * size, (c + 1) * size, 0);
            weights[c * size + c * taps + taps / 2] = 1;
        }
    }

    /** A norm with a bias alone. */
    private static Seq norm() {
        return Seq.of(
                batchNorm().momentum(0.4).affine(false),
                layer(
                        "bias()",
                        (scope, x) -> x.add(
                                scope.parameter("bias", Shape.of(x.shape().dim(1), 1, 1), Initializers.zeros()))));
    }

    /** A net that predicts the mean of what it makes of an image and of its mirror image; it learns from images as they are. */
    private static Layer mirrored(Seq net) {
        Layer same = shared(net);
        return layer("mirrored", (scope, x) -> {
            Expr seen = same.apply(scope, x);
            return scope.training()
                    ? seen
                    : seen.add(same.apply(scope, Selection.flip(x, 3))).div(2);
        });
    }

    /** Images that are shifted by up to so many pixels. */
    private static Augmentation shifts(TrainingData data, int most) {
        int[] sample = data.sample();
        return crop(sample[1], sample[2]).padding(most);
    }

    private static Residual wider(int channels) {
        return block(channels).shortcut(conv(channels, 1));
    }
}
