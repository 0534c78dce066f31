package dev.fluxion.serving.http;

import dev.fluxion.serving.RefusedException;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/** Turns what is thrown into an answer. */
final class Failure {
    private static final int BAD = 400;
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
}
