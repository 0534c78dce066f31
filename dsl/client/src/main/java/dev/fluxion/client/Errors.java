package dev.fluxion.client;

import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Every message of this package. */
final class Errors {
    private Errors() {}

    static <T> T require(String what, @Nullable T given) {
        if (given == null) {
            throw new IllegalArgumentException(what + " must not be null");
        }
        return given;
    }

    static void requireAddress(URI server) {
        boolean http = "http".equalsIgnoreCase(server.getScheme()) || "https".equalsIgnoreCase(server.getScheme());
        if (!http || server.getHost() == null || server.getRawQuery() != null || server.getRawFragment() != null) {
            throw new IllegalArgumentException(
                    "Client: the server must be an address such as http://localhost:8000 but is " + server);
        }
    }

    static String late(Duration most) {
        return "the answer did not come within " + most.toMillis() + " ms";
    }

    static void requireCount(int[] shape, int count) {
        long size = 1;
        for (int extent : shape) {
            if (extent < 0) {
                throw new IllegalArgumentException(
                        "the extents of shape " + Arrays.toString(shape) + " must not be negative");
            }
            size = Math.min(size * extent, 1L << 32);
        }
        if (size != count) {
            throw new IllegalArgumentException(
                    "shape " + Arrays.toString(shape) + " has another number of elements than the " + count + " given");
        }
    }

    static String noInputs() {
        return "infer: there must be an input";
    }

    static String notPositive(Object timeout) {
        return "timeout: the time must be above 0 but is " + timeout;
    }

    static String isInts() {
        return "these are integers: ask for ints()";
    }

    static String isFloats() {
        return "these are floating-point numbers: ask for floats()";
    }

    static String interrupted() {
        return "the thread was interrupted while its request waited";
    }

    static String tooLarge(long bytes) {
        return "infer: the request has " + bytes + " bytes, which is more than 2^31 - 1";
    }

    static InferenceException badAnswer(String why) {
        return new InferenceException(502, "the server's answer is not that of the protocol: " + why);
    }
}
