package dev.fluxion.serving.protocol;

import dev.fluxion.ir.Given;
import dev.fluxion.serving.Models;
import dev.fluxion.serving.Tls;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What is checked of the settings of a server, and why one does not start. */
public final class Settings {
    private static final int MOST_THREADS = 1024;
    private static final int MOST_PORTS = 65_535;

    private Settings() {}

    /** Requires what every server needs; the token may be null. */
    public static void require(
            String server, Models models, String host, int port, int threads, Object limits, @Nullable String token) {
        Given.require(server, "the models", models);
        Given.require(server, "the host", host);
        requireWithin(server, "port", 0, MOST_PORTS, port);
        requireWithin(server, "threads", 1, MOST_THREADS, threads);
        Given.require(server, "the limits", limits);
        if (token != null && token.isBlank()) {
            throw new IllegalArgumentException(server + ": the token must not be blank");
        }
    }

    /** Requires a number from {@code least} to {@code most}. */
    public static void requireWithin(String call, String option, long least, long most, long given) {
        if (given < least || given > most) {
            throw new IllegalArgumentException(
                    call + ": " + option + " must be from " + least + " to " + most + " but is " + given);
        }
    }

    /** Requires a time that is longer than none. */
    public static void requirePositive(String call, String option, Duration given) {
        Given.require(call, option, given);
        if (given.isNegative() || given.isZero()) {
            throw new IllegalArgumentException(call + ": " + option + " must be above 0 but is " + given);
        }
    }

    /** The port is taken, or the address is not of this machine. */
    public static String notBound(String host, int port) {
        return "cannot listen at " + host + ":" + port;
    }

    /** The files are no certificates and key. */
    public static String badTls(Tls tls) {
        return "cannot read the certificates " + tls.certificates() + " or the key " + tls.key()
                + ": they must be PEM files, the key PKCS#8 without a password";
    }
}
