package dev.fluxion.examples.cli;

import static dev.fluxion.dsl.layer.Layers.batchNorm;
import static dev.fluxion.dsl.layer.Layers.conv;
import static dev.fluxion.dsl.layer.Layers.flatten;
import static dev.fluxion.dsl.layer.Layers.globalAvgPool;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.maxPool;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.layer.Layers.residual;

import dev.fluxion.dsl.layer.Residual;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.train.Model;

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
    /** Two convolutions. */
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
                    linear(64),
                    relu(),
                    linear(classes));
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

    private static Residual wider(int channels) {
        return block(channels).shortcut(conv(channels, 1));
    }
}
