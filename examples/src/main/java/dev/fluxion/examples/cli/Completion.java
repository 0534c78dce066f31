package dev.fluxion.examples.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;

/** Writes what makes a shell complete the command. */
@Command(
        name = "completion",
        description = "Writes a script that makes bash or zsh complete commands and options.",
        footer = {"", "Example:", "  source <(fluxion completion)"})
final class Completion implements Runnable {
    @Override
    public void run() {
        System.out.println(AutoComplete.bash("fluxion", Fluxion.command()));
    }
}
