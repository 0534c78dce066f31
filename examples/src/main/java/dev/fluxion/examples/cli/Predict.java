package dev.fluxion.examples.cli;

import dev.fluxion.Tensor;
import dev.fluxion.dsl.train.Model;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Predicts files, samples and texts. */
@Command(
        name = "predict",
        description =
                "Tells what a model makes of images (PNG, JPEG), of the rows of tables (CSV, with a line of names), of samples"
                        + " to test with, or of texts: a line for each, with the likeliest classes.",
        footer = {
            "",
            "Examples:",
            "  fluxion predict runs/conv-1 seven.png nine.jpg",
            "  fluxion predict runs/conv-1 --invert paper.jpg     dark strokes on white, where the model knows white on black",
            "  fluxion predict runs/conv-1 --index 0,3-5          samples to test with, here of drawn digits",
            "  fluxion predict runs/conv-1 --data-set mnist --data ~/data --index 17",
            "  fluxion predict target/passengers/model.fluxion new.csv",
            "  fluxion predict target/texts/model.fluxion --text \"the soup was not bad\""
        })
final class Predict implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(index = "0", paramLabel = "MODEL", description = "a file of a model, or the folder of a run")
    private Path file = Path.of("");

    @Parameters(index = "1..*", paramLabel = "FILE", description = "images *.png, *.jpg, *.jpeg and tables *.csv")
    private List<Path> files = List.of();

    @Mixin
    private final Source source = new Source();

    @Mixin
    private final Threads threads = new Threads();

    @Option(
            names = "--index",
            paramLabel = "N,N-N",
            split = ",",
            description = "numbers of samples to test with, from 0")
    private List<String> numbers = List.of();

    @Option(names = "--text", paramLabel = "TEXT", description = "a text, for a model that reads words")
    private List<String> texts = List.of();

    @Option(names = "--invert", description = "turn light to dark and dark to light in images")
    private boolean isInverted;

    @Option(names = "--top", paramLabel = "K", description = "show the K likeliest classes (${DEFAULT-VALUE})")
    private int top = 3;

    @Override
    public Integer call() throws IOException {
        if (files.isEmpty() && numbers.isEmpty() && texts.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(), "nothing to predict: name files, or samples with --index, or a --text");
        }
        if (top < 1) {
            throw new IllegalArgumentException("--top must be at least 1 but is " + top);
        }
        try (Model read = ModelFiles.open(file);
                Model model = threads.of(read)) {
            Questions questions = new Questions(model);
            for (Path one : files) {
                questions.file(one, isInverted);
            }
            if (!numbers.isEmpty()) {
                questions.samples(Subject.data(model, source), numbers);
            }
            texts.forEach(questions::text);
            for (Questions.Question question : questions.all()) {
                System.out.println(question.name() + "  " + answer(model, question.input()));
            }
        }
        return 0;
    }

    private String answer(Model model, Tensor input) {
        List<String> classes = model.card().classNames();
        if (classes.isEmpty()) {
            Tensor output = model.predict(input);
            return IntStream.range(0, output.size())
                    .mapToObj(i -> String.format(Locale.ROOT, "%.6g", output.floats()[i]))
                    .collect(Collectors.joining(" "));
        }
        Tensor probabilities = model.probabilities(input);
        return IntStream.range(0, classes.size())
                .boxed()
                .sorted(Comparator.comparingDouble(c -> -probabilities.at(0, c)))
                .limit(top)
                .map(c -> String.format(Locale.ROOT, "%s (%.1f %%)", classes.get(c), 100 * probabilities.at(0, c)))
                .collect(Collectors.joining(", "));
    }
}
