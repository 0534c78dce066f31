package dev.fluxion.serving;

import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Every message of this package. */
final class Errors {
    private Errors() {}

    static void requireWithin(String call, String option, int least, int most, int given) {
        if (given < least || given > most) {
            throw new IllegalArgumentException(
                    call + ": " + option + " must be from " + least + " to " + most + " but is " + given);
        }
    }

    static void requireNotNegative(String call, String option, Duration given) {
        if (given.isNegative()) {
            throw new IllegalArgumentException(call + ": " + option + " must not be negative but is " + given);
        }
    }

    static void requirePositive(String call, String option, Duration given) {
        if (given.isNegative() || given.isZero()) {
            throw new IllegalArgumentException(call + ": " + option + " must be above 0 but is " + given);
        }
    }

    static void requireLength(Shape sample, float[] input) {
        if (input.length != sample.size()) {
            throw new IllegalArgumentException("predict: a sample of " + sample + " has " + sample.size()
                    + " elements but the array has " + input.length);
        }
    }

    static String padding(String what) {
        return "Padding: " + what;
    }

    static String callPadded() {
        return "call: with a padding, samples are copied; predict or submit them";
    }

    static RefusedException full(int samples, int waiting, int room) {
        String message = samples > room
                ? "the request has " + samples + " samples, but the queue has room for " + room + " at most"
                : "the queue is full: " + waiting + " of " + room + " samples wait, and the request has " + samples;
        return new RefusedException(Refusal.FULL, message);
    }

    static RefusedException refused(Refusal why) {
        String message =
                switch (why) {
                    case EXPIRED -> "the deadline has passed before the request was computed";
                    case CANCELLED -> "the thread was interrupted while its request waited";
                    case CLOSED -> "the batcher is closed";
                    case FULL, INVALID, FAILED -> throw new IllegalArgumentException(why.name());
                };
        return new RefusedException(why, message);
    }

    static void requirePositive(String call, String option, long given) {
        if (given <= 0) {
            throw new IllegalArgumentException(call + ": " + option + " must be above 0 but is " + given);
        }
    }

    static String waitsOnWorker() {
        return "a worker of the batcher would wait for an answer that workers compute: continue with thenApplyAsync, or the like, where"
                + " a continuation waits";
    }

    static String closesOnWorker() {
        return "close: a worker would wait for itself; close the batcher in another thread";
    }

    static String callInUse() {
        return "the call is running in another thread; each thread needs a call and arrays of its own";
    }

    static String listenerFailed() {
        return "a listener failed; what else listeners throw is logged at debug";
    }

    static RefusedException notServed(String name) {
        return new RefusedException(Refusal.CLOSED, "no version of '" + name + "' is served");
    }

    static String modelsClosed() {
        return "the models are closed";
    }

    static void requireText(String call, String what, String given) {
        if (Given.require(call, what, given).isBlank()) {
            throw new IllegalArgumentException(call + ": " + what + " must not be empty");
        }
    }

    static String loadedTwice(String name, String version) {
        return "load: version " + version + " of '" + name
                + "' is loaded already; unload it first, or give it another number";
    }

    static String unknown(String call, String name, String version, Object known) {
        return call + ": version " + version + " of '" + name + "' is not loaded; loaded are " + known;
    }

    static String noneLoaded(String name, Object known) {
        return "unload: no version of '" + name + "' is loaded; loaded are " + known;
    }

    static String unknown(String name, Object known) {
        return "no model is called '" + name + "'; there are " + known;
    }

    static String noMemory(Version version, long bytes, long limit, List<Version> others) {
        String held = others.stream()
                .map(other -> String.format(Locale.ROOT, "%s %,d", other, other.bytes()))
                .collect(Collectors.joining(", "));
        return String.format(
                Locale.ROOT,
                "load: %s takes %,d bytes, but of %,d only %,d are left%s",
                version,
                bytes,
                limit,
                limit - others.stream().mapToLong(Version::bytes).sum(),
                held.isEmpty() ? "" : "; held are: " + held);
    }

    static String noFolder(Path given) {
        return "Repository: there is no folder " + given;
    }

    static String notListed(Path folder) {
        return "the folder " + folder + " of the repository cannot be read, and is left out";
    }
}
