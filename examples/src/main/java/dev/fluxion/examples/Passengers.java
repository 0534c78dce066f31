package dev.fluxion.examples;

import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.loss.Losses.crossEntropy;
import static dev.fluxion.dsl.optim.Optimizers.adam;
import static dev.fluxion.dsl.train.Metrics.accuracy;

import dev.fluxion.data.DataLoader;
import dev.fluxion.data.Split;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.Trainer;
import dev.fluxion.dsl.train.TrainingListener;
import dev.fluxion.files.Columns;
import dev.fluxion.files.Features;
import dev.fluxion.files.Table;
import dev.fluxion.reports.RunRecorder;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A table with missing values and categories: who survived? {@code Passengers passengers.csv} reads columns age, fare, sex, port and
 * survived; without a file it makes one. The run, with a report, is in {@code runs}.
 */
public final class Passengers {
    private Passengers() {}

    static void run(Path runs, String... arguments) throws IOException {
        Path file = arguments.length > 0 ? Path.of(arguments[0]) : MadeFiles.passengers();
        Table table = Table.read(file);
        Split split = Split.random(table.size(), 0.8, 1);
        Table known = table.select(split.train());
        Columns columns =
                Columns.of().numbers("age", "fare").categories("sex", "port").label("survived");
        Features features = columns.fit(known); // means, categories and classes are those of the training rows
        String[] classes = features.classes().toArray(String[]::new);
        DataLoader train = DataLoader.of(features.dataset(known)).batch(32).shuffle(1);
        DataLoader test =
                DataLoader.of(features.dataset(table.select(split.test()))).batch(99);
        Seq net = Seq.of(features.scaler(), linear(32), relu(), linear(classes.length));
        RunRecorder record = RunRecorder.numbered(runs, "passengers").classes(classes);
        try (Model model = Model.of(net, features.width())) {
            Trainer.of(crossEntropy(), adam(0.003))
                    .epochs(20)
                    .evaluate(test, accuracy())
                    .listen(TrainingListener.progress())
                    .listen(record)
                    .fit(model, train);
            model.export(record.folder().resolve("model.fluxion"), features.card());
        }
        System.out.println("report  " + record.folder() + "/report.html");
    }

    /** Runs it. */
    public static void main(String... arguments) {
        Console.main("passengers [CSV]", Path.of("runs"), Passengers::run, arguments);
    }
}
