package dev.fluxion.dsl.layer;

import static dev.fluxion.dsl.layer.Layers.conv;
import static dev.fluxion.dsl.layer.Layers.flatten;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.maxPool;
import static dev.fluxion.dsl.layer.Layers.relu;

import dev.fluxion.ir.Shape;

/** The two networks of the tutorials, and the first of them with a wrong number of channels. */
public final class TutorialNets {
    public static final Shape CIFAR_BATCH = Shape.of(64, 3, 32, 32);
    public static final Shape MNIST_BATCH = Shape.of(64, 1, 28, 28);

    private TutorialNets() {}

    public static Seq cifar() {
        return Seq.of(
                conv(3, 32, 5).pad(2),
                maxPool(2),
                conv(32, 32, 5).pad(2),
                maxPool(2),
                conv(32, 64, 5).pad(2),
                maxPool(2),
                flatten(),
                linear(1024, 64),
                linear(64, 10));
    }

    public static Seq mnist() {
        return Seq.of(
                conv(1, 32, 3),
                maxPool(2),
                conv(32, 64, 3),
                maxPool(2),
                flatten(),
                linear(1600, 64),
                relu(),
                linear(64, 10));
    }

    public static Seq wrongChannels() {
        return Seq.of(
                conv(3, 16, 5).pad(2),
                maxPool(2),
                conv(16, 16, 5).pad(2),
                maxPool(2),
                conv(32, 64, 5).pad(2),
                maxPool(2),
                flatten());
    }
}
