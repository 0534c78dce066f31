package dev.fluxion.serving.grpc;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.logging.Filter;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Keeps grpc-java from logging a warning with a stack trace where a client sends more than it may, which the client is told. */
final class ClientFaults implements Filter {
    /** A logger that nobody holds is forgotten, with its filter. */
    private static final Logger STREAMS = Logger.getLogger("io.grpc.netty.NettyServerStream");

    private final @Nullable Filter next;

    private ClientFaults(@Nullable Filter next) {
        this.next = next;
    }

    static synchronized void areNotLogged() {
        Filter now = STREAMS.getFilter();
        if (!(now instanceof ClientFaults)) {
            STREAMS.setFilter(new ClientFaults(now));
        }
    }

    @Override
    public boolean isLoggable(LogRecord event) {
        boolean tooMuch = event.getThrown() instanceof StatusRuntimeException thrown
                && thrown.getStatus().getCode() == Status.Code.RESOURCE_EXHAUSTED;
        return !tooMuch && (next == null || next.isLoggable(event));
    }
}
