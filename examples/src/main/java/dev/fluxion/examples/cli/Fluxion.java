package dev.fluxion.examples.cli;

import dev.fluxion.examples.Console;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** Trains, tests and shows models from the command line. */
@Command(
        name = "fluxion",
        description = "Trains, tests and shows models.",
        subcommands = {
            Train.class,
            Eval.class,
            Predict.class,
            Summary.class,
            Explain.class,
            Plot.class,
            RunsCommand.class,
            Check.class,
            Completion.class
        },
        footer = {
            "",
            "A first session:",
            "  fluxion train conv --epochs 3          digits drawn by program; leaves runs/conv-1",
            "  fluxion eval runs/conv-1               how good it is, class by class",
            "  fluxion predict runs/conv-1 seven.png  what an image shows",
            "  fluxion train MyNet                    a class of yours that implements Recipe, with CLASSPATH=.",
            "",
            "Exit codes: 0 all is well, 1 it failed, 2 the arguments are wrong. fluxion COMMAND --help tells more."
        })
public final class Fluxion implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "show this and exit")
    boolean help;

    @Option(
            names = "--stacktrace",
            scope = ScopeType.INHERIT,
            description = "on an error, show where in the program it arose")
    boolean stacktrace;

    private Fluxion() {}

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "expected a command: " + String.join(", ", spec.subcommands().keySet()));
    }

    /** The whole command. */
    static CommandLine command() {
        return new CommandLine(new Fluxion());
    }

    /** Runs it. */
    public static void main(String... arguments) {
        Console.main(new Fluxion(), arguments);
    }

    /** For tests: the exit code. */
    static int run(String... arguments) {
        return Console.run(new Fluxion(), arguments);
    }
}
