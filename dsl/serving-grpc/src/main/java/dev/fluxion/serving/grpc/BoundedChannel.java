package dev.fluxion.serving.grpc;

import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslContext;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Where connections come in; no more than so many are open at one time. What comes beyond them is told so and closed. */
@SuppressWarnings("FutureReturnValueIgnored") // of connections that nobody waits for
final class BoundedChannel extends NioServerSocketChannel {
    /** So many are told at one time; what comes beyond them is closed without a word. */
    private static final int TOLD = 64;

    private final GrpcLimits limits;
    private final @Nullable SslContext tls;
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger told = new AtomicInteger();

    BoundedChannel(GrpcLimits limits, @Nullable SslContext tls) {
        this.limits = limits;
        this.tls = tls;
    }

    @Override
    protected int doReadMessages(List<Object> accepted) throws Exception {
        int read = super.doReadMessages(accepted);
        if (read > 0
                && accepted.get(accepted.size() - 1) instanceof SocketChannel connection
                && !takes(open, limits.connections(), connection)) {
            accepted.remove(accepted.size() - 1);
            refuse(connection);
            return 0;
        }
        return read;
    }

    /** Counts a connection until it closes; false if there are too many. */
    private static boolean takes(AtomicInteger count, int most, SocketChannel connection) {
        if (count.incrementAndGet() > most) {
            count.decrementAndGet();
            return false;
        }
        connection.closeFuture().addListener(gone -> count.decrementAndGet());
        return true;
    }

    private void refuse(SocketChannel connection) {
        if (!takes(told, TOLD, connection)) {
            connection.unsafe().closeForcibly();
            return;
        }
        if (tls != null) {
            connection.pipeline().addLast(tls.newHandler(connection.alloc()));
        }
        eventLoop().register(connection);
        Surplus.answer(connection.pipeline(), limits);
    }
}
