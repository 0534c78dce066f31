package dev.fluxion.serving.grpc;

import dev.fluxion.serving.Refusal;
import dev.fluxion.serving.RefusedException;
import dev.fluxion.serving.protocol.Fault;
import io.grpc.Deadline;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns what is thrown into a status. */
final class Statuses {
    /** Clients take headers of some kilobytes, and a name that is not found may have more. */
    private static final int LONGEST = 1000;

    private static final Logger LOG = LoggerFactory.getLogger(Statuses.class);

    private Statuses() {}

    /** The status of a call that failed. */
    static Status of(Throwable failure, @Nullable Deadline deadline) {
        if (failure instanceof CompletionException && failure.getCause() != null) {
            return of(failure.getCause(), deadline);
        }
        Status.Code code = code(failure, deadline);
        if (code == Status.Code.INTERNAL) {
            LOG.error(Errors.failed(), failure);
            return code.toStatus().withDescription(Errors.failed());
        }
        String message = failure instanceof StatusRuntimeException known
                ? known.getStatus().getDescription()
                : failure.getMessage();
        return code.toStatus().withDescription(shortened(String.valueOf(message)));
    }

    private static Status.Code code(Throwable failure, @Nullable Deadline deadline) {
        if (failure instanceof Fault fault) {
            return switch (fault.kind()) {
                case INVALID -> Status.Code.INVALID_ARGUMENT;
                case UNKNOWN -> Status.Code.NOT_FOUND;
                case UNSUPPORTED -> Status.Code.UNIMPLEMENTED;
                case BUSY -> Status.Code.UNAVAILABLE;
            };
        }
        if (failure instanceof RefusedException refused) {
            boolean late = refused.refusal() == Refusal.EXPIRED && deadline != null && deadline.isExpired();
            return late ? Status.Code.DEADLINE_EXCEEDED : Status.Code.UNAVAILABLE;
        }
        if (failure instanceof StatusRuntimeException known) {
            return known.getStatus().getCode();
        }
        if (failure instanceof CancellationException) {
            return Status.Code.CANCELLED;
        }
        return failure instanceof IllegalArgumentException ? Status.Code.INVALID_ARGUMENT : Status.Code.INTERNAL;
    }

    private static String shortened(String message) {
        return message.length() <= LONGEST ? message : message.substring(0, LONGEST) + "…";
    }
}
