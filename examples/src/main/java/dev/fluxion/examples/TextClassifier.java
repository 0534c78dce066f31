package dev.fluxion.examples;

import static dev.fluxion.dsl.loss.Losses.crossEntropy;
import static dev.fluxion.dsl.optim.Optimizers.adam;
import static dev.fluxion.dsl.train.Metrics.accuracy;

import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.data.Augmentation;
import dev.fluxion.data.Batch;
import dev.fluxion.data.DataFileException;
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
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Learns to tell texts apart, and shows which words decided. */
@Command(
        name = "textclassifier",
        description =
                "Learns to tell kinds of texts apart, and shows which words decided. Without --texts the texts are remarks of"
                        + " guests that are made by program.",
        footer = {
            "",
            "Examples, of java -cp examples/target/fluxion-examples.jar dev.fluxion.examples.TextClassifier …:",
            "  … --text \"the soup was not bad\" --text \"is the garden lovely\"",
            "  … --texts reviews    learns from reviews/good/1.txt, reviews/bad/1.txt and so on",
            "  … --net attention --epochs 25"
        })
public final class TextClassifier implements Callable<Integer> {
    private static final int MADE = 4_000;
    private static final double TO_LEARN_FROM = 0.8;
    private static final int TEST_BATCH = 100;
    private static final int MOST_WORDS = 20_000;
    private static final double FORGOTTEN = 0.1;

    @Mixin
    private final TrainingOptions options = new TrainingOptions("texts", 8, 0.004, 32);

    @Nullable
    @Option(
            names = "--texts",
            paramLabel = "DIR",
            description = "a folder with a folder for each class, with texts *.txt in UTF-8")
    private Path folder;

    @Option(names = "--net", paramLabel = "NET", description = "lstm or attention (lstm)")
    private TextNet net = TextNet.LSTM;

    @Option(
            names = "--width",
            paramLabel = "N",
            description = "numbers for each word, with attention a multiple of 4 (${DEFAULT-VALUE})")
    private int width = 32;

    @Option(
            names = "--longest",
            paramLabel = "N",
            description = "read the first N words of each text (${DEFAULT-VALUE})")
    private int longest = 100;

    @Option(
            names = "--text",
            paramLabel = "TEXT",
            description = "a text of your own to classify in the end; may be repeated")
    private List<String> own = List.of();

    private TextClassifier() {}

    @Override
    public Integer call() throws IOException {
        if (longest < 1) {
            throw new IllegalArgumentException("longest must be at least 1 but is " + longest);
        }
        Texts texts = folder == null ? Remarks.of(MADE, options.seed()) : Texts.read(folder);
        if (texts.classes().size() < 2) {
            throw new DataFileException(
                    folder == null ? Path.of("") : folder,
                    "expected folders of two classes or more but found only '"
                            + texts.classes().get(0) + "'");
        }
        Split split = Split.stratified(texts.labels(), TO_LEARN_FROM, options.seed());
        Texts known = texts.select(split.train());
        Texts unseen = texts.select(split.test());
        Vocabulary words = known.vocabulary(MOST_WORDS);
        if (words.tokens().size() == 2) {
            throw new IllegalArgumentException("there is no word in the texts to learn from");
        }
        Path out = options.folder();
        try (Model model = net.model(
                        words.tokens().size(), longest, width, texts.classes().size())
                .seed(options.seed())
                .threads(options.threads())) {
            System.out.printf(
                    "%s: %,d to learn from with %,d different words, %,d to test with%n%n%s%n%n",
                    texts, known.size(), words.tokens().size() - 2, unseen.size(), model.summary());
            train(model, known.ids(words, longest), unseen.ids(words, longest));
            Path whole = out.resolve("model.fluxion");
            Path page = out.resolve("words.html");
            ModelCard card = ModelCard.of()
                    .classNames(texts.classes().toArray(String[]::new))
                    .vocabulary(TextNet.IDS, words);
            model.export(whole, card);
            Decisions decisions = Decisions.of(model, card, longest, unseen, own);
            System.out.println(decisions.text());
            new DecisionsPage(decisions).write(page);
            System.out.printf("model         %s%nwhat decided  %s: more texts, to look at in a browser%n", whole, page);
        }
        return 0;
    }

    private void train(Model model, SequenceDataset known, SequenceDataset unseen) {
        long start = System.nanoTime();
        Trainer.of(crossEntropy(), adam(options.learningRate()))
                .epochs(options.epochs())
                .evaluate(DataLoader.of(unseen).batch(TEST_BATCH), accuracy())
                .listen(TrainingListener.progress())
                .fit(
                        model,
                        DataLoader.of(known)
                                .batch(options.batch())
                                .order(Sampler.byLength(options.seed(), known.lengths()))
                                .augment(options.seed(), forget()));
        System.out.printf("%nwall time %.1f s%n%n", (System.nanoTime() - start) / 1e9);
    }

    /** Replaces some words by the unknown one, so that the net knows what to make of words that it has never seen: nothing. */
    private static Augmentation forget() {
        return (batch, draws) -> {
            int[] ids = batch.inputs().ints().clone();
            int length = batch.inputs().shape().dim(1);
            for (int i = 0; i < ids.length; i++) {
                if (ids[i] != 0 && draws.get(i / length).chance(FORGOTTEN)) {
                    ids[i] = 1;
                }
            }
            return new Batch(Tensors.of(Tensor.of(ids, batch.inputs().shape())), batch.allTargets());
        };
    }

    /** Runs it. */
    public static void main(String... arguments) {
        Console.main(new TextClassifier(), arguments);
    }

    /** For tests: the exit code. */
    static int run(String... arguments) {
        return Console.run(new TextClassifier(), arguments);
    }
}
