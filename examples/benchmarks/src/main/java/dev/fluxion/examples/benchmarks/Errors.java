package dev.fluxion.examples.benchmarks;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What this module says when something is wrong. */
final class Errors {
    /** How the message begins that a library did not answer in time. */
    static final String TIMED_OUT = "timed out";

    private Errors() {}

    static String unknownNet(String name) {
        return "There is no net " + name + "; there are "
                + Net.all().stream().map(Net::name).toList() + ".";
    }

    static String noRow(String pattern) {
        String nets = Net.all().stream()
                .map(net -> net.name() + "-"
                        + net.batches().stream().map(String::valueOf).collect(Collectors.joining("|")))
                .collect(Collectors.joining(", "));
        return "there is no row '" + pattern + "'; there are " + nets + ", each with -train or -infer, and "
                + Plan.MEMORY + " and " + Plan.START_UP + "; a net alone, net-batch or net-train selects several";
    }

    static String unknownPeer(String name) {
        return "there is no library '" + name + "'; there are "
                + Arrays.stream(Peer.values()).map(Peer::toString).collect(Collectors.joining(", "));
    }

    static String tooSmall(String option, Object value, Object least) {
        return option + " " + value + ": it must be at least " + least;
    }

    static String notPositive(String option, double value) {
        return option + " " + number(value) + ": it must be a number of seconds above 0";
    }

    static String noFile(Object file) {
        return file + ": there is no such file";
    }

    static String notAProgram(Object file) {
        return file + " is not a program that can be run";
    }

    static String notWritable(Object file) {
        return file + " cannot be written";
    }

    static String notResults(Object file, long line, String problem) {
        return file + (line > 0 ? ", line " + line : "") + ": these are not results that --json stored: " + problem;
    }

    static String timedOut(double seconds) {
        return TIMED_OUT + " after " + number(seconds) + " s";
    }

    private static String number(double value) {
        return value == Math.rint(value) ? String.format(Locale.ROOT, "%.0f", value) : Double.toString(value);
    }

    static String inferenceOnly(String library) {
        return library + " has no training";
    }

    static String disagree(String first, String second, double difference) {
        return String.format(Locale.ROOT, "%s and %s differ by %.2g of the largest value", first, second, difference);
    }

    static String differentCounts(String first, String second) {
        return first + " and " + second + " give different numbers of values";
    }

    static String notFinite(String library) {
        return library + " gives numbers that are not finite";
    }

    static String died(String library, int status) {
        return library + "'s process ended with status " + status + "; standard error tells why";
    }

    static String noMarkers(Object file, String begin, String end) {
        return file + " has no line " + begin + " with a line " + end + " after it";
    }

    static String yardstick(String line) {
        return "The yardstick printed no median: " + line;
    }

    static String nothingOpen() {
        return "No cell is open.";
    }

    static String silent(String library) {
        return library + " has no process to answer";
    }

    static String unknownCommand(String line) {
        return "Unknown command: " + line;
    }
}
