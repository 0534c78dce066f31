package dev.fluxion.examples;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Runs an example's command: errors are a line on the error stream and an exit code, not a stack trace. */
final class Console {
    private Console() {}

    /** Runs a command as a program: the process ends with its exit code. */
    static void main(Object command, String... arguments) {
        utf8();
        System.exit(run(command, arguments));
    }

    /** Makes the output UTF-8 in any locale: shapes and formulas are not ASCII. */
    static void utf8() {
        System.setOut(utf8(FileDescriptor.out));
        System.setErr(utf8(FileDescriptor.err));
    }

    /** Whether the output is a terminal; false where that is unknown, as outside Linux. */
    static boolean isTerminal() {
        try {
            String output = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
            return output.startsWith("/dev/pts/") || output.startsWith("/dev/tty") || output.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    /** The exit code of a command: 0, 1 if it failed, 2 if the arguments are wrong. */
    static int run(Object command, String... arguments) {
        return new CommandLine(command)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((e, args) -> {
                    CommandSpec spec = e.getCommandLine().getCommandSpec();
                    return fail(spec, e.getMessage() + " (--help lists the options)", spec.exitCodeOnInvalidInput());
                })
                .setExecutionExceptionHandler((e, line, args) -> {
                    if (args.hasMatchedOption("--stacktrace")) {
                        e.printStackTrace();
                    }
                    return fail(
                            line.getCommandSpec(),
                            message(e),
                            line.getCommandSpec().exitCodeOnExecutionException());
                })
                .execute(arguments);
    }

    private static int fail(CommandSpec command, String message, int code) {
        System.err.println(command.name() + ": " + message);
        return code;
    }

    private static String message(Exception e) {
        if (e instanceof FileSystemException file && file.getReason() == null) {
            String kind = e.getClass().getSimpleName().replace("Exception", "").replaceAll("(?<=[a-z])(?=[A-Z])", " ");
            return file.getFile() + ": " + kind.toLowerCase(Locale.ROOT);
        }
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }

    private static PrintStream utf8(FileDescriptor stream) {
        return new PrintStream(new FileOutputStream(stream), true, StandardCharsets.UTF_8);
    }
}
