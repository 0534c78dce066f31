package dev.fluxion.examples.cli;

import dev.fluxion.Metric;
import dev.fluxion.data.DataLoader;
import dev.fluxion.dsl.metric.ConfusionMatrix;
import dev.fluxion.dsl.train.Model;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Measures a model with the samples to test with. */
@Command(
        name = "eval",
        description = "Measures a model with the samples to test with, which it has not learned from.",
        footer = {
            "",
            "Examples:",
            "  fluxion eval runs/conv-1",
            "  fluxion eval runs/conv-1 --data-set mnist --data ~/data    on other data than it was trained on",
            "  fluxion eval model.fluxion --confusion matrix.svg"
        })
final class Eval implements Callable<Integer> {
    @Parameters(paramLabel = "MODEL", description = "a file of a model, or the folder of a run")
    private Path file = Path.of("");

    @Mixin
    private final Source source = new Source();

    @Mixin
    private final Threads threads = new Threads();

    @Option(names = "--batch", paramLabel = "N", description = "samples in a batch (${DEFAULT-VALUE})")
    private int batch = 200;

    @Nullable
    @Option(names = "--confusion", paramLabel = "SVG", description = "write a picture of the confusion matrix")
    private Path picture;

    @Override
    public Integer call() throws IOException {
        Subject.Opened opened = Subject.open(file, source);
        try (Model read = opened.model();
                Model model = threads.of(read)) {
            TrainingData data = opened.data();
            DataLoader test = DataLoader.of(data.test()).batch(batch);
            System.out.printf("%s: %,d samples%n", data.name(), data.test().size());
            List<Metric> metrics = opened.recipe().metrics();
            model.evaluate(test, metrics.toArray(Metric[]::new))
                    .forEach((name, value) -> System.out.printf(Locale.ROOT, "%s %.4f%n", name, value));
            if (!data.classes().isEmpty()) {
                ConfusionMatrix matrix = ConfusionMatrix.of(data.classes().toArray(String[]::new));
                model.tally(test, matrix);
                System.out.println("\n" + matrix.report());
                if (picture != null) {
                    matrix.save(picture);
                    System.out.println("confusion matrix  " + picture);
                }
            }
        }
        return 0;
    }
}
