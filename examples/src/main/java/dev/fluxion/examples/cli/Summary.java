package dev.fluxion.examples.cli;

import dev.fluxion.dsl.train.Model;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shows the layers of a model. */
@Command(
        name = "summary",
        description =
                "Shows the layers of a model with their shapes and numbers of parameters, and what its file tells of it.",
        footer = {
            "",
            "Examples:",
            "  fluxion summary resnet --data-set cifar10 --data ~/data",
            "  fluxion summary MyNet",
            "  fluxion summary runs/conv-1"
        })
final class Summary implements Callable<Integer> {
    @Mixin
    private final Subject subject = new Subject();

    @Mixin
    private final Source source = new Source();

    @Override
    public Integer call() throws IOException {
        try (Model model = subject.open(source).model()) {
            System.out.println(model.summary());
            if (!model.card().classNames().isEmpty()) {
                System.out.println("classes  " + String.join(", ", model.card().classNames()));
            }
            model.card().texts().forEach((name, text) -> System.out.println(name + "  " + text));
        }
        return 0;
    }
}
