package dev.fluxion.examples;

import static dev.fluxion.dsl.layer.Layers.embedding;
import static dev.fluxion.dsl.layer.Layers.gelu;
import static dev.fluxion.dsl.layer.Layers.layerNorm;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.positionalEncoding;
import static dev.fluxion.dsl.layer.Layers.transformerEncoderLayer;
import static dev.fluxion.dsl.optim.Optimizers.adamW;

import dev.fluxion.Input;
import dev.fluxion.data.DataLoader;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.layer.TransformerEncoderLayer;
import dev.fluxion.dsl.train.Metrics;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.Trainer;
import dev.fluxion.dsl.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Learns the Java source in a folder, character by character, and then writes some: a small GPT. */
@Command(
        name = "codewriter",
        description =
                "Learns the Java source in a folder, by default this project's own, for a minute and a half, and then"
                        + " writes, character by character.")
public final class CodeWriter implements Callable<Integer> {
    private static final int CONTEXT = 96;
    private static final int WIDTH = 96;
    private static final int HEADS = 4;
    private static final int BATCH = 24;
    private static final int EVALUATE_EVERY = 500;
    private static final int MANY = 1000;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "show this and exit")
    boolean help;

    @Option(
            names = "--source",
            paramLabel = "DIR",
            description = "the folder whose *.java is learned, with all folders in it (${DEFAULT-VALUE})")
    private Path source = Path.of(".");

    @Option(names = "--seconds", paramLabel = "N", description = "how long to learn (${DEFAULT-VALUE})")
    private int seconds = 90;

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "learn so many batches at most; 0 for as many as there is time for (${DEFAULT-VALUE})")
    private int steps;

    @Option(names = "--lr", paramLabel = "RATE", description = "learning rate (${DEFAULT-VALUE})")
    private double learningRate = 0.003;

    @Option(names = "--prompt", paramLabel = "TEXT", description = "what the text begins with (${DEFAULT-VALUE})")
    private String prompt = "public final class ";

    @Option(names = "--length", paramLabel = "N", description = "how many characters to write (${DEFAULT-VALUE})")
    private int length = 800;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            description = "0 for the likeliest characters, 1 for as many surprises as in the source (${DEFAULT-VALUE})")
    private double temperature = 0.7;

    @Option(
            names = "--top-k",
            paramLabel = "K",
            description = "choose among the K likeliest characters (${DEFAULT-VALUE})")
    private int topK = 20;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "what first weights, the order of batches and the text depend on (${DEFAULT-VALUE})")
    private long seed;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "native threads, by default one per processor (${DEFAULT-VALUE})")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--stacktrace", description = "on an error, show where in the program it arose")
    boolean stacktrace;

    private CodeWriter() {}

    /** Ids N×T → N×T×96 → logits of the next characters, N×T×characters. */
    private static Seq net(int characters) {
        TransformerEncoderLayer block = transformerEncoderLayer(WIDTH, HEADS)
                .feedForward(4 * WIDTH)
                .activation(gelu())
                .normFirst()
                .dropout(0)
                .causal();
        return Seq.of(
                embedding(characters, WIDTH).named("characters"),
                positionalEncoding().learned(CONTEXT),
                block,
                block,
                block,
                layerNorm(WIDTH),
                linear(WIDTH, characters));
    }

    @Override
    public Integer call() throws IOException {
        if (length < 0) {
            throw new IllegalArgumentException("the length must be at least 0 but is " + length);
        }
        Corpus corpus = Corpus.read(source, CONTEXT);
        Sampling sampling = new Sampling(temperature, topK, seed);
        int[] start = corpus.ids(prompt);
        Input ids = Input.ints("ids", CONTEXT).varies(0, "T");
        try (Model model = Model.of(net(corpus.characters()), ids).seed(seed).threads(threads)) {
            System.out.println(corpus + "\n");
            System.out.println(model.summary() + "\n");
            train(model, corpus);
            System.out.println();
            write(model, corpus, sampling, start);
        }
        return 0;
    }

    private void train(Model model, Corpus corpus) {
        NextCharacter loss = new NextCharacter();
        Trainer trainer = Trainer.of(loss, adamW(learningRate))
                .epochs(MANY)
                .time(Duration.ofSeconds(seconds))
                .evaluateEvery(EVALUATE_EVERY)
                .evaluate(DataLoader.of(corpus.unseen()).batch(BATCH), Metrics.mean("loss of unseen text", loss))
                .listen(TrainingListener.progress());
        Trainer limited = steps == 0 ? trainer : trainer.steps(steps);
        limited.fit(model, DataLoader.of(corpus.seen()).batch(BATCH).shuffle(seed));
    }

    /** Writes each character as soon as it is known. */
    private void write(Model model, Corpus corpus, Sampling sampling, int... start) {
        System.out.print(prompt);
        try (CharacterStream text = new CharacterStream(model.session(), CONTEXT, start)) {
            for (int i = 0; i < length; i++) {
                int next = sampling.choose(text.logits());
                text.append(next);
                System.out.print(corpus.character(next));
                System.out.flush();
            }
        }
        System.out.println();
    }

    /** Runs it. */
    public static void main(String... arguments) {
        Console.main(new CodeWriter(), arguments);
    }

    /** For tests: the exit code. */
    static int run(String... arguments) {
        return Console.run(new CodeWriter(), arguments);
    }
}
