package dev.fluxion.examples.benchmarks;

import java.util.List;
import java.util.Locale;

/** What this module says when something is wrong. */
final class Errors {
    private Errors() {}

    static String unknownNet(String name) {
        return "There is no net " + name + "; there are "
                + Net.all().stream().map(Net::name).toList() + ".";
    }

    static String noRow(String pattern) {
        return "No row matches " + pattern + "; rows are " + Cell.all() + ", a prefix of such a name selects several.";
    }

    static String unknownPeer(String name) {
        return "There is no library " + name + "; there are " + List.of(Peer.values()) + ".";
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
        return file + " has no line " + begin + " with a line " + end + " after it.";
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
