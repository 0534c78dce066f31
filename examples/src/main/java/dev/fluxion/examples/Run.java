package dev.fluxion.examples;

import static dev.fluxion.dsl.loss.Losses.crossEntropy;
import static dev.fluxion.dsl.train.Metrics.accuracy;

import dev.fluxion.Optimizer;
import dev.fluxion.Schedule;
import dev.fluxion.data.DataLoader;
import dev.fluxion.dsl.train.LossCurve;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.ModelCard;
import dev.fluxion.dsl.train.Trainer;
import dev.fluxion.dsl.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The common part of the image examples: trains a classifier, prints its progress, writes weights, the model and a loss curve.
 */
final class Run {
    private static final int TEST_BATCH = 200;

    private Run() {}

    static void train(Model model, Data data, Optimizer optimizer, Schedule schedule, TrainingOptions options)
            throws IOException {
        LossCurve curve = new LossCurve();
        Trainer trainer = Trainer.of(crossEntropy(), optimizer)
                .epochs(options.epochs())
                .schedule(schedule)
                .evaluate(DataLoader.of(data.test()).batch(TEST_BATCH), accuracy())
                .listen(TrainingListener.progress())
                .listen(curve);
        DataLoader batches = DataLoader.of(data.train()).batch(options.batch()).shuffle(options.seed());
        Path folder = options.folder();

        System.out.println(data + "\n");
        System.out.println(model.summary() + "\n");
        System.out.printf("%s, batches of %d, %d threads%n", optimizer, options.batch(), options.threads());
        long start = System.nanoTime();
        trainer.fit(model, batches);
        System.out.printf("%nwall time %.1f s%n", (System.nanoTime() - start) / 1e9);

        Path weights = folder.resolve("weights.safetensors");
        Path whole = folder.resolve("model.fluxion");
        Path picture = folder.resolve("loss.svg");
        model.save(weights);
        model.export(whole, ModelCard.of().classNames(data.test().classes().toArray(String[]::new)));
        curve.save(picture);
        System.out.printf("weights     %s%nmodel       %s%nloss curve  %s%n", weights, whole, picture);
    }
}
