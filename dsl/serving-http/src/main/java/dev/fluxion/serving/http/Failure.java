package dev.fluxion.serving.http;

import dev.fluxion.serving.RefusedException;
import dev.fluxion.serving.protocol.Fault;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/** Turns what is thrown into an answer. */
final class Failure {
    private static final int BAD = 400;
    private static final int MISSING = 404;
    private static final int INTERNAL = 500;
    private static final Logger LOG = LoggerFactory.getLogger(Failure.class);

    private Failure() {}

    static Reply of(Throwable failure) {
        if (failure instanceof CompletionException && failure.getCause() != null) {
            return of(failure.getCause());
        }
        if (failure instanceof HttpFault fault) {
            return fault.reply();
        }
        if (failure instanceof Fault fault) {
            return of(fault);
        }
        String message = String.valueOf(failure.getMessage());
        if (failure instanceof RefusedException) {
            return Errors.unavailable(message).reply();
        }
        if (failure instanceof JacksonException json) {
            return Reply.error(BAD, Errors.badJson(json.getOriginalMessage()), Map.of());
        }
        if (failure instanceof IllegalArgumentException) {
            return Reply.error(BAD, message, Map.of());
        }
        LOG.error(Errors.failed(), failure);
        return Reply.error(INTERNAL, Errors.failed(), Map.of());
    }

    private static Reply of(Fault fault) {
        return switch (fault.kind()) {
            case INVALID, UNSUPPORTED -> Reply.error(BAD, fault.text(), Map.of());
            case UNKNOWN -> Reply.error(MISSING, fault.text(), Map.of());
            case BUSY -> Errors.unavailable(fault.text()).reply();
        };
    }
}
