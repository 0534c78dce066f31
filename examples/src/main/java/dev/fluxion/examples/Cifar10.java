package dev.fluxion.examples;

import static dev.fluxion.dsl.layer.Layers.conv;
import static dev.fluxion.dsl.layer.Layers.flatten;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.maxPool;
import static dev.fluxion.dsl.optim.Optimizers.adam;

import dev.fluxion.Tensor;
import dev.fluxion.data.ImageDataset;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.optim.Schedules;
import dev.fluxion.dsl.train.Model;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Learns to classify photographs of ten kinds. */
@Command(
        name = "cifar10",
        description =
                "Learns to tell ten kinds of things on photographs apart, with CIFAR-10's binary files from DIR or"
                        + " DIR/cifar10. After every fourth epoch the learning rate is divided by ten.")
public final class Cifar10 implements Callable<Integer> {
    private static final int SHOWN = 8;

    @Mixin
    private final TrainingOptions options = new TrainingOptions("cifar10", 6, 0.001);

    @Mixin
    private final DataFolder source = new DataFolder();

    @Option(
            names = "--images",
            paramLabel = "N",
            description = "learn from so many images; 0 for all (${DEFAULT-VALUE})")
    private int images;

    private Cifar10() {}

    /** 3×32×32 → 16 → 8 → 4 → 1024 → 10 logits. */
    private static Seq net() {
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

    @Override
    public Integer call() throws IOException {
        Data data = Data.photographs(source.folder(), images);
        try (Model model = Model.of(net(), 3, 32, 32).seed(options.seed()).threads(options.threads())) {
            Run.train(model, data, adam(options.learningRate()), Schedules.step(4, 0.1), options);
            show(model, data.test());
        }
        return 0;
    }

    /** Prints predictions for the first test images. */
    private static void show(Model model, ImageDataset test) {
        int count = Math.min(SHOWN, test.size());
        Tensor probabilities = model.probabilities(test.first(count).inputs());
        System.out.println();
        for (int i = 0; i < count; i++) {
            String guess = Pictures.likeliest(probabilities, i, test.classes(), 3);
            System.out.printf("%-10s taken for %s%n", test.classes().get(test.label(i)), guess);
        }
    }

    /** Runs it. */
    public static void main(String... arguments) {
        Console.main(new Cifar10(), arguments);
    }

    /** For tests: the exit code. */
    static int run(String... arguments) {
        return Console.run(new Cifar10(), arguments);
    }
}
