package dev.fluxion.examples.cli;

import dev.fluxion.Metric;
import dev.fluxion.data.DataLoader;
import dev.fluxion.dsl.train.LossCurve;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.ModelCard;
import dev.fluxion.dsl.train.Trainer;
import dev.fluxion.dsl.train.TrainingListener;
import dev.fluxion.reports.RunRecorder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Trains a model and leaves a folder of the run. */
@Command(
        name = "train",
        description =
                "Trains a net, shows its progress, and leaves a folder with the model, its loss curve and a report.",
        footer = {
            "",
            "Examples:",
            "  fluxion train conv",
            "  fluxion train resnet --data-set cifar10 --data ~/data --epochs 20 --lr 0.002",
            "  fluxion train mlp --data-set fashion-mnist --fetch --name clothes",
            "  fluxion train conv --data-set images --data photos --side 64   of photos/cat/1.jpg and so on",
            "  fluxion train MyNet            a class that implements dev.fluxion.examples.cli.Recipe"
        })
final class Train implements Callable<Integer> {
    private static final int TEST_BATCH = 200;

    @Parameters(
            paramLabel = "NET",
            arity = "0..1",
            completionCandidates = Recipes.Names.class,
            description = "linear, mlp, conv, resnet or a class on the class path (${DEFAULT-VALUE})")
    private String net = "conv";

    @Mixin
    private final Source source = new Source();

    @Mixin
    private final Threads threads = new Threads();

    @Option(
            names = "--epochs",
            paramLabel = "N",
            description = "how often to go through the samples (${DEFAULT-VALUE})")
    private int epochs = 5;

    @Option(names = "--batch", paramLabel = "N", description = "samples in a batch (${DEFAULT-VALUE})")
    private int batch = 64;

    @Nullable
    @Option(names = "--lr", paramLabel = "RATE", description = "learning rate; by default that of the net, 0.001")
    private Double rate;

    @Nullable
    @Option(names = "--seed", paramLabel = "N", description = "what first weights and the order of samples depend on")
    private Long seed;

    @Option(names = "--runs", paramLabel = "DIR", description = "where the folders of runs are (${DEFAULT-VALUE})")
    private Path runs = Path.of("runs");

    @Nullable
    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "the name of the folder; by default the net and a number")
    private String name;

    @Override
    public Integer call() throws IOException {
        Recipe recipe = Recipes.of(net);
        RunRecorder unnamed = recorder();
        TrainingData data = source.read(recipe, "");
        try (Model drawn = Recipes.model(recipe, data);
                Model model = threads.of(seed == null ? drawn : drawn.seed(seed))) {
            String[] classes = data.classes().toArray(String[]::new);
            RunRecorder record = unnamed.classes(classes);
            LossCurve curve = new LossCurve();
            Trainer trainer = Trainer.of(recipe.loss(), recipe.optimizer(rate == null ? recipe.rate() : rate))
                    .epochs(epochs)
                    .schedule(recipe.schedule())
                    .evaluate(
                            DataLoader.of(data.test()).batch(TEST_BATCH),
                            recipe.metrics().toArray(Metric[]::new))
                    .listen(TrainingListener.progress())
                    .listen(record)
                    .listen(curve);
            System.out.println(data + "\n\n" + model.summary() + "\n");
            long start = System.nanoTime();
            trainer.fit(model, DataLoader.of(data.train()).batch(batch).shuffle(seed == null ? 0 : seed));
            System.out.printf("%nwall time %.1f s%n", (System.nanoTime() - start) / 1e9);

            Path folder = record.folder();
            Path whole = folder.resolve(ModelFiles.NAME);
            Path picture = folder.resolve("loss.svg");
            model.export(whole, card(classes));
            curve.save(picture);
            System.out.printf(
                    "model       %s%nloss curve  %s%nreport      %s%n", whole, picture, folder.resolve("report.html"));
        }
        return 0;
    }

    private ModelCard card(String... classes) {
        ModelCard card = ModelCard.of().classNames(classes).text(ModelFiles.RECIPE, net);
        return source.name().isEmpty() ? card : card.text(ModelFiles.DATA, source.name());
    }

    /** In the named folder, which must be new, or in the next one of the net. */
    private RunRecorder recorder() {
        if (name == null) {
            return RunRecorder.numbered(runs, net.substring(net.lastIndexOf('.') + 1));
        }
        Path folder = runs.resolve(name);
        if (Files.exists(folder)) {
            throw new IllegalArgumentException(folder + " is there already; choose another --name");
        }
        return RunRecorder.in(folder);
    }
}
