package dev.fluxion.examples.cli;

import dev.fluxion.Input;
import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.Training;
import dev.fluxion.engine.Program;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Printer;
import dev.fluxion.ir.Shape;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows what a model is compiled to. */
@Command(
        name = "explain",
        description =
                "Shows the program that a model is compiled to: a line for each step with kernel, bytes, operations and"
                        + " layer, and with --profile the time that it takes.",
        footer = {
            "",
            "Examples:",
            "  fluxion explain conv                          a prediction of 64 samples",
            "  fluxion explain runs/conv-1 --batch 1 --profile 20",
            "  fluxion explain resnet --training --batch 32  forward, backward and update",
            "  fluxion explain mlp --as mermaid              a flowchart; dot is for Graphviz, graph for people"
        })
final class Explain implements Callable<Integer> {
    /** What to show. */
    private enum View {
        PLAN,
        GRAPH,
        MERMAID,
        DOT
    }

    @Mixin
    private final Subject subject = new Subject();

    @Mixin
    private final Source source = new Source();

    @Mixin
    private final Threads threads = new Threads();

    @Option(names = "--batch", paramLabel = "N", description = "samples in a batch (${DEFAULT-VALUE})")
    private int batch = 64;

    @Option(names = "--training", description = "show a step of training, not a prediction")
    private boolean isTraining;

    @Option(names = "--profile", paramLabel = "N", description = "run the program N times and show times")
    private int profile;

    @Option(names = "--as", paramLabel = "VIEW", description = "plan, graph, mermaid or dot (plan)")
    private View view = View.PLAN;

    @Override
    public Integer call() throws IOException {
        Subject.Opened opened = subject.open(source);
        try (Model read = opened.model();
                Model model = threads.of(read)) {
            if (isTraining) {
                Recipe recipe = opened.recipe();
                Batch samples = samples(opened.data());
                try (Training training = model.training(recipe.loss(), recipe.optimizer(recipe.rate()))) {
                    training.step(samples); // a program runs with what it was given last
                    show(training.graph(samples), () -> training.program(samples));
                }
            } else {
                show(model.graph(batch), () -> predictor(model));
            }
        }
        return 0;
    }

    /** The program of a prediction, with something to predict. */
    private Program predictor(Model model) {
        Program program = model.predictor(batch);
        for (Input input : model.signature().inputs()) {
            if (program.reads(input.name())) {
                Shape shape = input.batched(batch);
                int[] ones = new int[shape.size()];
                Arrays.fill(ones, 1);
                program.write(
                        input.name(), input.type() == DType.INT ? Tensor.of(ones, shape) : Tensor.zeros(shape.dims()));
            }
        }
        return program;
    }

    /** As many samples as a batch has; the first ones again and again if there are not as many. */
    private Batch samples(TrainingData data) {
        if (batch < 1) {
            throw new IllegalArgumentException("the batch must hold at least 1 sample, not " + batch);
        }
        int[] numbers = new int[batch];
        for (int i = 0; i < batch; i++) {
            numbers[i] = i % data.train().size();
        }
        return data.train().batch(numbers);
    }

    private void show(Graph graph, Supplier<Program> compiled) {
        String text =
                switch (view) {
                    case PLAN -> plan(compiled);
                    case GRAPH -> Printer.text(graph);
                    case MERMAID -> Printer.mermaid(graph);
                    case DOT -> Printer.dot(graph);
                };
        System.out.println(text);
    }

    private String plan(Supplier<Program> compiled) {
        try (Program program = compiled.get()) {
            return (profile == 0 ? program.explain() : program.profile(profile)).toString();
        }
    }
}
