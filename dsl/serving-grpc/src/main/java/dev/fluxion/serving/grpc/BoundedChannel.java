package dev.fluxion.serving.grpc;

import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Where connections come in; no more than so many are open at one time. */
final class BoundedChannel extends NioServerSocketChannel {
    private final int most;
    private final AtomicInteger open = new AtomicInteger();

    BoundedChannel(int most) {
        this.most = most;
    }

    @Override
    protected int doReadMessages(List<Object> accepted) throws Exception {
        int read = super.doReadMessages(accepted);
        if (read > 0 && accepted.get(accepted.size() - 1) instanceof SocketChannel connection) {
            if (open.incrementAndGet() > most) {
                accepted.remove(accepted.size() - 1);
                open.decrementAndGet();
                connection.unsafe().closeForcibly();
                return 0;
            }
            connection.closeFuture().addListener(gone -> open.decrementAndGet());
        }
        return read;
    }
}
