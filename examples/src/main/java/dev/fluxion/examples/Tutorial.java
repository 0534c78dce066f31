package dev.fluxion.examples;

import static dev.fluxion.dsl.layer.Layers.conv;
import static dev.fluxion.dsl.layer.Layers.flatten;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.maxPool;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.loss.Losses.crossEntropy;
import static dev.fluxion.dsl.optim.Optimizers.adam;
import static dev.fluxion.dsl.train.Metrics.accuracy;

import dev.fluxion.data.DataLoader;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.Trainer;
import dev.fluxion.dsl.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * A first program as PyTorch's tutorials have it: epochs over the digits with a line every 100 iterations, Adam on chosen
 * parameters, a rate by the epoch, the accuracy on the test images, and weights that {@code torch.load} reads.
 */
@Command(name = "tutorial", description = "Trains on digits as a first PyTorch program does, and writes a .pth file.")
public final class Tutorial implements Callable<Integer> {
    private static final int LINE_EVERY = 100;

    @Mixin
    private final TrainingOptions options = new TrainingOptions("tutorial", 20, 1e-4);

    @Mixin
    private final DataFolder source = new DataFolder();

    @Option(
            names = "--images",
            paramLabel = "N",
            description = "learn from so many images; 0 for all (${DEFAULT-VALUE})")
    private int images;

    private Tutorial() {}

    @Override
    public Integer call() throws IOException {
        Data data = Data.digits(source.folder(), images);
        Seq net = Seq.of(
                conv(1, 32, 3),
                maxPool(2),
                conv(32, 64, 3),
                maxPool(2),
                flatten(),
                linear(1600, 64),
                relu(),
                linear(64, 10));
        // The rate of the first two epochs is 0, as half of 1 is 0 in whole numbers: a warning tells so.
        Trainer trainer = Trainer.of(crossEntropy(), adam(options.learningRate()))
                .only("5", "7")
                .schedule(epoch -> Math.floorDiv(epoch, 2))
                .epochs(options.epochs())
                .evaluate(DataLoader.of(data.test()).batch(options.batch()), accuracy())
                .listen(TrainingListener.lines(LINE_EVERY, System.out::println));
        try (Model model = Model.of(net, 1, 28, 28).seed(options.seed()).threads(options.threads())) {
            long start = System.nanoTime();
            trainer.fit(
                    model, DataLoader.of(data.train()).batch(options.batch()).shuffle(options.seed()));
            System.out.printf(Locale.ROOT, "wall time %.1f s%n", (System.nanoTime() - start) / 1e9);
            Path weights = options.folder().resolve("weights.pth");
            model.save(weights);
            System.out.println("weights   " + weights);
        }
        return 0;
    }

    /** Runs it. */
    public static void main(String... arguments) {
        Console.main(new Tutorial(), arguments);
    }

    /** For tests: the exit code. */
    static int run(String... arguments) {
        return Console.run(new Tutorial(), arguments);
    }
}
