package dev.fluxion.examples;

import static dev.fluxion.dsl.loss.Losses.crossEntropy;
import static dev.fluxion.dsl.optim.Optimizers.adam;
import static dev.fluxion.dsl.train.Metrics.accuracy;

import dev.fluxion.data.DataLoader;
import dev.fluxion.data.Sampler;
import dev.fluxion.data.SequenceDataset;
import dev.fluxion.data.Split;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.ModelCard;
import dev.fluxion.dsl.train.Trainer;
import dev.fluxion.dsl.train.TrainingListener;
import dev.fluxion.dsl.train.Vocabulary;
import dev.fluxion.files.Texts;
import dev.fluxion.reports.RunRecorder;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A folder of texts with a folder for each class: {@code Reviews reviews} reads {@code reviews/good/1.txt} and so on; without a folder
 * it makes one. The run, with a report, is in {@code runs}.
 */
public final class Reviews {
    private Reviews() {}

    static void run(Path runs, String... arguments) throws IOException {
        Path folder = arguments.length > 0 ? Path.of(arguments[0]) : MadeFiles.reviews();
        Texts texts = Texts.read(folder);
        String[] classes = texts.classes().toArray(String[]::new);
        Split split = Split.stratified(texts.labels(), 0.8, 1);
        Vocabulary words = texts.select(split.train()).vocabulary(10_000);
        SequenceDataset known = texts.select(split.train()).ids(words, 100); // the first 100 words of each
        DataLoader train = DataLoader.of(known).batch(16).order(Sampler.byLength(1, known.lengths()));
        DataLoader test =
                DataLoader.of(texts.select(split.test()).ids(words, 100)).batch(50);
        RunRecorder record = RunRecorder.numbered(runs, "reviews").classes(classes);
        try (Model model = TextNet.LSTM.model(words.tokens().size(), 100, 32, classes.length)) {
            Trainer.of(crossEntropy(), adam(0.005))
                    .epochs(8)
                    .evaluate(test, accuracy())
                    .listen(TrainingListener.progress())
                    .listen(record)
                    .fit(model, train);
            ModelCard card = ModelCard.of().classNames(classes).vocabulary("ids", words);
            model.export(record.folder().resolve("model.fluxion"), card);
        }
        System.out.println("report  " + record.folder() + "/report.html");
    }

    /** Runs it. */
    public static void main(String... arguments) {
        Console.main("reviews [FOLDER]", Path.of("runs"), Reviews::run, arguments);
    }
}
