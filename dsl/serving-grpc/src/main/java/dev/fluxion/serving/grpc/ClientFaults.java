package dev.fluxion.serving.grpc;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.netty.handler.codec.http2.Http2Exception;
import java.util.List;
import java.util.logging.Filter;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Keeps grpc-java from logging a warning with a stack trace where a client sends more than it may, which the client is told. */
final class ClientFaults implements Filter {
    /** A logger that nobody holds is forgotten, with its filter. */
    private static final List<Logger> LOGGERS = List.of(
            Logger.getLogger("io.grpc.netty.NettyServerStream"), Logger.getLogger("io.grpc.netty.NettyServerHandler"));

    private final @Nullable Filter next;

    private ClientFaults(@Nullable Filter next) {
        this.next = next;
    }

    static synchronized void areNotLogged() {
        for (Logger logger : LOGGERS) {
            Filter now = logger.getFilter();
            if (!(now instanceof ClientFaults)) {
                logger.setFilter(new ClientFaults(now));
            }
        }
    }

    @Override
    public boolean isLoggable(LogRecord event) {
        Throwable failure = event.getThrown();
        boolean longMessage = failure instanceof StatusRuntimeException thrown
                && thrown.getStatus().getCode() == Status.Code.RESOURCE_EXHAUSTED;
        boolean tooMuch = longMessage || failure instanceof Http2Exception.HeaderListSizeException;
        return !tooMuch && (next == null || next.isLoggable(event));
    }
}
