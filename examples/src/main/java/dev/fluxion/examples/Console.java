package dev.fluxion.examples;

import dev.fluxion.dsl.train.ListenerException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Runs a command: errors are a line on the error stream and an exit code, not a stack trace. */
public final class Console {
    private static final int COLUMNS = 100;

    private Console() {}

    /** Runs a command as a program: the process ends with its exit code. */
    public static void main(Object command, String... arguments) {
        utf8();
        System.exit(run(command, arguments));
    }

    /** A program that reads a file or a folder, or makes one, and writes to a folder of runs. */
    interface Program {
        void run(Path runs, String... arguments) throws IOException;
    }

    /** Runs such a program: the process ends with its exit code. */
    static void main(String usage, Path runs, Program program, String... arguments) {
        utf8();
        System.exit(run(usage, runs, program, arguments));
    }

    /** The exit code of such a program, called as {@code reviews [FOLDER]}. */
    static int run(String usage, Path runs, Program program, String... arguments) {
        String name = usage.substring(0, usage.indexOf(' '));
        if (List.of(arguments).contains("--help")) {
            System.out.println("Usage: " + usage
                    + "; without it the program makes some data. The run, with a report, is in " + runs + ".");
            return 0;
        }
        if (arguments.length > 1 || arguments.length == 1 && arguments[0].startsWith("-")) {
            System.err.println(name + ": expected " + usage + " but got " + String.join(" ", arguments));
            return 2;
        }
        try {
            program.run(runs, arguments);
            return 0;
        } catch (IOException | RuntimeException e) {
            System.err.println(name + ": " + message(e));
            return 1;
        }
    }

    /** Makes the output UTF-8 in any locale: shapes and formulas are not ASCII. */
    static void utf8() {
        System.setOut(utf8(FileDescriptor.out));
        System.setErr(utf8(FileDescriptor.err));
    }

    /** The exit code of a command: 0, 1 if it failed, 2 if the arguments are wrong. */
    public static int run(Object command, String... arguments) {
        CommandLine line = new CommandLine(command);
        try {
            return execute(line, arguments);
        } catch (LinkageError | OutOfMemoryError | StackOverflowError e) {
            return fail(
                    line.getCommandSpec(), e.toString(), line.getCommandSpec().exitCodeOnExecutionException());
        }
    }

    private static int execute(CommandLine command, String... arguments) {
        return command.setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpWidth(COLUMNS)
                .setParameterExceptionHandler((e, args) -> {
                    CommandSpec spec = e.getCommandLine().getCommandSpec();
                    return fail(spec, usage(e) + " (--help lists the options)", spec.exitCodeOnInvalidInput());
                })
                .setExecutionExceptionHandler((e, line, args) -> {
                    if (line.getParseResult().hasMatchedOption("--stacktrace")) {
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
        System.err.println(command.root().name() + ": " + message);
        return code;
    }

    /** What is wrong with arguments, and what was perhaps meant. */
    private static String usage(ParameterException e) {
        List<String> meant = e instanceof UnmatchedArgumentException unknown ? unknown.getSuggestions() : List.of();
        String what = String.valueOf(e.getMessage()).replaceFirst("^Error: ", "");
        return what + (meant.isEmpty() ? "" : "; did you mean " + String.join(" or ", meant) + "?");
    }

    private static String message(Exception e) {
        if (e.getCause() instanceof Exception cause && (e instanceof ListenerException || wraps(e, cause))) {
            return message(cause);
        }
        if (e instanceof FileSystemException file && file.getReason() == null) {
            String kind = e.getClass().getSimpleName().replace("Exception", "").replaceAll("(?<=[a-z])(?=[A-Z])", " ");
            return file.getFile() + ": " + kind.toLowerCase(Locale.ROOT);
        }
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }

    /** Whether an exception says no more than its cause. */
    private static boolean wraps(Exception e, Exception cause) {
        return e instanceof UncheckedIOException
                && (Objects.equals(e.getMessage(), cause.getMessage())
                        || Objects.equals(e.getMessage(), cause.toString()));
    }

    private static PrintStream utf8(FileDescriptor stream) {
        return new PrintStream(new FileOutputStream(stream), true, StandardCharsets.UTF_8);
    }
}
