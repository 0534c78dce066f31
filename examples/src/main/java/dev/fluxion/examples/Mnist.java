package dev.fluxion.examples;

import static dev.fluxion.dsl.layer.Layers.conv;
import static dev.fluxion.dsl.layer.Layers.flatten;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.maxPool;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.optim.Optimizers.sgd;
import static dev.fluxion.dsl.optim.Schedules.constant;

import dev.fluxion.Tensor;
import dev.fluxion.data.ImageDataset;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.train.Model;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Learns to read handwritten digits: MNIST if its files are given, else generated digits. */
@Command(
        name = "mnist",
        description = "Learns to read digits. Without --data they are drawn by program; with it, MNIST's files are read"
                + " from DIR or DIR/mnist.")
public final class Mnist implements Callable<Integer> {
    private static final int SHOWN = 3;

    @Mixin
    private final TrainingOptions options = new TrainingOptions("mnist", 3, 0.01);

    @Mixin
    private final DataFolder source = new DataFolder();

    @Option(names = "--momentum", paramLabel = "M", description = "momentum (${DEFAULT-VALUE})")
    private double momentum = 0.9;

    @Option(
            names = "--images",
            paramLabel = "N",
            description = "learn from so many images; 0 for 20,000 drawn or all real ones (${DEFAULT-VALUE})")
    private int images;

    private Mnist() {}

    /** 1×28×28 → 26 → 13 → 11 → 5 → 1600 → 10 logits. */
    private static Seq net() {
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

    @Override
    public Integer call() throws IOException {
        Data data = Data.digits(source.folder(), images);
        try (Model model = Model.of(net(), 1, 28, 28).seed(options.seed()).threads(options.threads())) {
            Run.train(model, data, sgd(options.learningRate()).momentum(momentum), constant(), options);
            show(model, data.test());
        }
        return 0;
    }

    /** Prints the first test images with predictions. */
    private static void show(Model model, ImageDataset test) {
        int count = Math.min(SHOWN, test.size());
        System.out.println("\n"
                + Pictures.sideBySide(
                        IntStream.range(0, count).mapToObj(test::image).toList()) + "\n");
        Tensor probabilities = model.probabilities(test.first(count).inputs());
        for (int i = 0; i < count; i++) {
            String guess = Pictures.likeliest(probabilities, i, test.classes(), 2);
            System.out.println("a " + test.classes().get(test.label(i)) + ", taken for " + guess);
        }
    }

    /** Runs it. */
    public static void main(String... arguments) {
        Console.main(new Mnist(), arguments);
    }

    /** For tests: the exit code. */
    static int run(String... arguments) {
        return Console.run(new Mnist(), arguments);
    }
}
