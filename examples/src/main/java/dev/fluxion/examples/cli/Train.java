package dev.fluxion.examples.cli;

import dev.fluxion.Metric;
import dev.fluxion.data.Augmentation;
import dev.fluxion.data.DataLoader;
import dev.fluxion.dsl.train.LossCurve;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.ModelCard;
import dev.fluxion.dsl.train.Outcome;
import dev.fluxion.dsl.train.Trainer;
import dev.fluxion.dsl.train.TrainingListener;
import dev.fluxion.reports.RunRecorder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
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
            "  fluxion train conv --data-set mnist --data ~/data --epochs 20",
            "  fluxion train airbench --data-set cifar10 --data ~/data --name photos",
            "  fluxion train airbench --data-set cifar10 --data ~/data --resume runs/photos   after it was stopped",
            "  fluxion train resnet --overfit 1   can it learn a batch by heart?",
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
            description = "linear, mlp, conv, resnet, airbench or a class on the class path (${DEFAULT-VALUE})")
    private String net = "conv";

    @Mixin
    private final Source source = new Source();

    @Mixin
    private final Threads threads = new Threads();

    @Nullable
    @Option(
            names = "--epochs",
            paramLabel = "N",
            description = "how often to go through the samples; by default as the net says, mostly 5")
    private Integer epochs;

    @Nullable
    @Option(
            names = "--batch",
            paramLabel = "N",
            description = "samples in a batch; by default as the net says, mostly 64")
    private Integer batch;

    @Nullable
    @Option(names = "--lr", paramLabel = "RATE", description = "learning rate; by default that of the net")
    private Double rate;

    @Nullable
    @Option(names = "--seed", paramLabel = "N", description = "what first weights and the order of samples depend on")
    private Long seed;

    @Option(names = "--no-augment", description = "learn from samples as they are, without what the net does to them")
    private boolean plain;

    @Option(names = "--runs", paramLabel = "DIR", description = "where the folders of runs are (${DEFAULT-VALUE})")
    private Path runs = Path.of("runs");

    @ArgGroup(exclusive = true, multiplicity = "0..1")
    private Purpose purpose = new Purpose();

    @Override
    public Integer call() throws IOException {
        Recipe recipe = Recipes.of(net);
        Path folder = purpose.folder(runs, net.substring(net.lastIndexOf('.') + 1));
        TrainingData data = source.read(recipe, "");
        try (Model drawn = Recipes.model(recipe, data);
                Model model = threads.of(seed == null ? drawn : drawn.seed(seed))) {
            DataLoader loader = loader(recipe, data);
            Trainer trainer = trainer(recipe, data, loader.batches());
            System.out.println(data + "\n\n" + model.summary() + "\n");
            if (purpose.isTrial()) {
                System.out.println("\n" + purpose.trial(trainer).fit(model, loader));
            } else {
                record(folder, purpose.in(folder, trainer), model, loader, data.classes());
            }
        }
        return 0;
    }

    private DataLoader loader(Recipe recipe, TrainingData data) {
        long order = seed == null ? 0 : seed;
        List<Augmentation> augmentations = plain ? List.of() : recipe.augmentations(data);
        return DataLoader.of(data.train())
                .batch(batch == null ? recipe.batch() : batch)
                .shuffle(order)
                .augment(order, augmentations.toArray(Augmentation[]::new))
                .prefetch(2);
    }

    private Trainer trainer(Recipe recipe, TrainingData data, int steps) {
        int times = epochs == null ? recipe.epochs() : epochs;
        return Trainer.of(recipe.loss(), recipe.optimizer(rate == null ? recipe.rate() : rate))
                .epochs(times)
                .schedule(recipe.schedule(times, steps))
                .evaluate(
                        DataLoader.of(data.test()).batch(TEST_BATCH),
                        recipe.metrics().toArray(Metric[]::new))
                .listen(TrainingListener.progress());
    }

    /** Trains, and leaves the folder of a run. */
    private void record(Path folder, Trainer trainer, Model model, DataLoader loader, List<String> names)
            throws IOException {
        String[] classes = names.toArray(String[]::new);
        LossCurve curve = new LossCurve();
        long start = System.nanoTime();
        Outcome outcome = trainer.listen(RunRecorder.in(folder).classes(classes))
                .listen(curve)
                .listen(new Stop(folder))
                .fit(model, loader);
        if (outcome.end() == Outcome.End.SHUTDOWN) {
            return;
        }
        System.out.printf("%nwall time %.1f s%n", (System.nanoTime() - start) / 1e9);
        Path whole = folder.resolve(ModelFiles.NAME);
        Path picture = folder.resolve("loss.svg");
        model.export(whole, card(classes));
        System.out.printf("model       %s%n", whole);
        if (curve.losses().length > 0) {
            curve.save(picture);
            System.out.printf("loss curve  %s%n", picture);
        }
        System.out.printf("report      %s%n", folder.resolve("report.html"));
    }

    private ModelCard card(String... classes) {
        ModelCard card = ModelCard.of().classNames(classes).text(ModelFiles.RECIPE, net);
        return source.name().isEmpty() ? card : card.text(ModelFiles.DATA, source.name());
    }

    /** Tells how a run that is stopped goes on, while the JVM still waits for it. */
    private record Stop(Path folder) implements TrainingListener {
        @Override
        public void ended(Ended ended) {
            Outcome outcome = ended.outcome();
            if (outcome != null && outcome.end() == Outcome.End.SHUTDOWN) {
                System.out.println("\nstopped; --resume " + folder + " goes on");
            }
        }
    }
}
