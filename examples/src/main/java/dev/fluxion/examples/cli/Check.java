package dev.fluxion.examples.cli;

import dev.fluxion.Input;
import dev.fluxion.Tensor;
import dev.fluxion.check.GradCheck;
import dev.fluxion.check.Report;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.Training;
import dev.fluxion.engine.check.NativeCheck;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Checks the gradients of a model, and what the engine makes of them. */
@Command(
        name = "check",
        description =
                "Checks the gradients of a model with its loss at the first samples: those that are derived against finite"
                        + " differences in double precision, and those that the native program computes against the derived ones."
                        + " Large nets take minutes.",
        footer = {
            "",
            "Examples:",
            "  fluxion check MyNet",
            "  fluxion check runs/conv-1 --batch 8",
            "  fluxion check mlp --directions 10    along more random directions of each parameter"
        })
final class Check implements Callable<Integer> {
    @Mixin
    private final Subject subject = new Subject();

    @Mixin
    private final Source source = new Source();

    @Mixin
    private final Threads threads = new Threads();

    @Option(names = "--batch", paramLabel = "N", description = "how many samples (${DEFAULT-VALUE})")
    private int batch = 2;

    @Option(
            names = "--directions",
            paramLabel = "N",
            description =
                    "along how many random directions of each parameter; 0 for element by element (${DEFAULT-VALUE})")
    private int directions = 1;

    @Override
    public Integer call() throws IOException {
        Subject.Opened opened = subject.open(source);
        try (Model model = opened.model()) {
            Recipe recipe = opened.recipe();
            Batch samples = opened.data().train().first(batch);
            GradCheck check;
            try (Training training = model.training(recipe.loss(), recipe.optimizer(recipe.rate()))) {
                check = check(training.graph(samples), samples, model).directions(directions);
            }
            Report derived = check.run();
            System.out.println("derived gradients: " + derived);
            Report computed = NativeCheck.of(check).threads(threads.count()).run();
            boolean isKnown = !computed.checked().isEmpty();
            System.out.println("native program: "
                    + (isKnown ? computed : "float32's rounding through so many layers leaves nothing to compare"));
            return derived.passed() && computed.failures().isEmpty() ? 0 : 1;
        }
    }

    /** The loss of some samples, by the inputs and parameters of the model, at what they are. */
    private static GradCheck check(Graph training, Batch samples, Model model) {
        Expr loss = Objects.requireNonNull(training.stages().get(0).outputs().get("loss"));
        Graph graph = Graph.of(Map.of("loss", loss));
        List<String> inputs =
                model.signature().inputs().stream().map(Input::name).toList();
        Map<String, Tensor> values = new LinkedHashMap<>();
        List<String> by = new ArrayList<>();
        for (Expr leaf : graph.inputs()) {
            String name = ((Leaf.Input) leaf.op()).name();
            values.put(name, inputs.contains(name) ? input(samples, inputs, name) : target(samples, name));
            if (inputs.contains(name) && leaf.dtype() == DType.FLOAT) {
                by.add(name);
            }
        }
        for (Expr leaf : graph.parameters()) {
            String name = ((Leaf.Parameter) leaf.op()).name();
            values.put(name, model.parameters().get(name));
            by.add(name);
        }
        for (Expr leaf : graph.buffers()) {
            String name = ((Leaf.Buffer) leaf.op()).name();
            values.put(name, model.parameters().get(name));
        }
        return GradCheck.of(loss).tensors(values).wrt(by.toArray(String[]::new));
    }

    private static Tensor input(Batch samples, List<String> inputs, String name) {
        return inputs.size() == 1 ? samples.inputs() : samples.allInputs().get(name);
    }

    /** That of a loss with a single one is called "target", whatever its name; one called as an input has a prefix. */
    private static Tensor target(Batch samples, String name) {
        Map<String, Tensor> all = samples.allTargets().all();
        return all.size() == 1 ? samples.targets() : samples.allTargets().get(name.replaceFirst("^target ", ""));
    }
}
