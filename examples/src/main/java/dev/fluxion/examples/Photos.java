package dev.fluxion.examples;

import static dev.fluxion.data.Augmentations.crop;
import static dev.fluxion.data.Augmentations.flip;
import static dev.fluxion.dsl.layer.Layers.conv;
import static dev.fluxion.dsl.layer.Layers.globalMaxPool;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.maxPool;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.loss.Losses.crossEntropy;
import static dev.fluxion.dsl.optim.Optimizers.adam;
import static dev.fluxion.dsl.train.Metrics.accuracy;

import dev.fluxion.data.DataLoader;
import dev.fluxion.data.Split;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.ModelCard;
import dev.fluxion.dsl.train.Trainer;
import dev.fluxion.dsl.train.TrainingListener;
import dev.fluxion.files.ImageFolder;
import dev.fluxion.reports.RunRecorder;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A folder of images with a folder for each class: {@code Photos photos} reads {@code photos/cat/1.jpg} and so on; without a folder it
 * draws one. The run, with a report, is in {@code runs}.
 */
public final class Photos {
    private Photos() {}

    static void run(Path runs, String... arguments) throws IOException {
        Path folder = arguments.length > 0 ? Path.of(arguments[0]) : MadeFiles.photos();
        ImageFolder photos = ImageFolder.of(folder, 32, 32); // any size is scaled and cut to this
        String[] classes = photos.classes().toArray(String[]::new);
        Split split = Split.stratified(photos.labels(), 0.8, 1);
        DataLoader train =
                DataLoader.of(photos.select(split.train())).batch(16).shuffle(1).prefetch(2);
        DataLoader test = DataLoader.of(photos.select(split.test())).batch(50).prefetch(2);
        Seq net = Seq.of(conv(24, 5), relu(), maxPool(2), conv(32, 3), relu(), globalMaxPool(), linear(classes.length));
        RunRecorder record = RunRecorder.numbered(runs, "photos").classes(classes);
        try (Model model = Model.of(net, 3, 32, 32)) {
            Trainer.of(crossEntropy(), adam(0.003))
                    .epochs(8)
                    .evaluate(test, accuracy())
                    .listen(TrainingListener.progress())
                    .listen(record)
                    .fit(model, train.augment(1, crop(32).padding(3), flip()));
            model.export(
                    record.folder().resolve("model.fluxion"), ModelCard.of().classNames(classes));
        }
        System.out.println("report  " + record.folder() + "/report.html");
    }

    /** Runs it. */
    public static void main(String... arguments) {
        Console.main("photos [FOLDER]", Path.of("runs"), Photos::run, arguments);
    }
}
