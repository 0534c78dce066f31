package dev.fluxion.serving.http;

import dev.fluxion.serving.Status;
import dev.fluxion.serving.Tls;
import dev.fluxion.serving.protocol.Budget;
import dev.fluxion.serving.protocol.Catalog;
import dev.fluxion.serving.protocol.Closing;
import dev.fluxion.serving.protocol.Rush;
import dev.fluxion.serving.protocol.Settings;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A server that answers; see {@link Server#start}. */
@SuppressWarnings("FutureReturnValueIgnored") // of closes that nobody waits for
public final class RunningServer implements AutoCloseable {
    /** Tells connections that the server is closing. */
    static final Object DRAIN = new Object();

    private final Server server;
    private final Metrics metrics;
    private final Budget budget;
    private final Catalog catalog;
    private final EventLoopGroup loops;
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    /** Those of them that are told that there are too many: they take nobody's place. */
    private final ChannelGroup told = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

    private final Map<EventLoop, Rush> rushes = new ConcurrentHashMap<>();
    private final Closing closing = new Closing();
    private final Channel channel;
    /** Whether who connects anew is refused: only then are clients told that their connections close. */
    private volatile boolean refuses;

    private RunningServer(Server server) throws IOException {
        this.server = server;
        this.metrics = new Metrics(server.models());
        this.budget = new Budget(server.limits().bodies());
        this.catalog = new Catalog(server.models(), server.repository());
        SslContext tls = tls(server.tls());
        this.loops = new MultiThreadIoEventLoopGroup(
                server.threads(), new DefaultThreadFactory("fluxion-http"), NioIoHandler.newFactory());
        Endpoints endpoints = new Endpoints(server, this::isReady, metrics, catalog);
        ChannelFuture bound = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel connection) {
                        connect(connection, endpoints, tls);
                    }
                })
                .bind(new InetSocketAddress(server.host(), server.port()))
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
            throw new IOException(Settings.notBound(server.host(), server.port()), bound.cause());
        }
        this.channel = bound.channel();
    }

    static RunningServer start(Server server) throws IOException {
        return new RunningServer(server);
    }

    private static @Nullable SslContext tls(@Nullable Tls proof) throws IOException {
        if (proof == null) {
            return null;
        }
        try {
            return SslContextBuilder.forServer(
                            proof.certificates().toFile(), proof.key().toFile())
                    .build();
        } catch (IllegalArgumentException | IOException e) {
            throw new IOException(Settings.badTls(proof), e);
        }
    }

    private void connect(Channel connection, Endpoints endpoints, @Nullable SslContext tls) {
        HttpLimits limits = server.limits();
        boolean surplus = connections.size() - told.size() >= limits.connections();
        if (surplus && told.size() >= HttpLimits.SURPLUS) {
            connection.close();
            return;
        }
        connections.add(connection);
        if (surplus) {
            told.add(connection);
        }
        metrics.connected();
        connection.closeFuture().addListener(gone -> metrics.disconnected());
        if (tls != null) {
            connection.pipeline().addLast("tls", tls.newHandler(connection.alloc()));
        }
        connection
                .pipeline()
                .addLast(new HttpRequestDecoder(new HttpDecoderConfig()
                        .setMaxInitialLineLength(limits.header())
                        .setMaxHeaderSize(limits.header())
                        .setTrailersFactory(NoTrailers.FACTORY)))
                .addLast(new FlowControlHandler())
                .addLast(new Connection(
                        endpoints,
                        surplus ? limits.surplus() : limits,
                        budget,
                        metrics,
                        () -> refuses,
                        rushes.computeIfAbsent(connection.eventLoop(), Rush::new),
                        surplus));
    }

    /** The port, also where any free one was asked for. */
    public int port() {
        return ((InetSocketAddress) channel.localAddress()).getPort();
    }

    /** Whether requests are taken: the server is not closing, and its models are ready. */
    public Status status() {
        return closing.status(server.models());
    }

    private boolean isReady() {
        return status().ready();
    }

    /** The bytes of bodies that are read or computed at present. */
    long bytes() {
        return budget.taken();
    }

    /** Closes this when the process ends, as on SIGTERM, so that requests that have come are answered. */
    public RunningServer closeOnExit() {
        Closing.onExit("fluxion-http", this::close);
        return this;
    }

    /** Waits until this is closed. */
    public void await() throws InterruptedException {
        closing.await();
    }

    /**
     * Is not ready any more, takes no more connections, answers the requests that have come, at most for the time that the limits
     * give, and closes all connections. The models stay open. Closing again waits for the same.
     */
    @Override
    public void close() {
        closing.run(this::end);
    }

    private void end() {
        channel.close().awaitUninterruptibly();
        refuses = true;
        connections.forEach(connection -> connection.pipeline().fireUserEventTriggered(DRAIN));
        awaitAnswers(server.limits().drain());
        connections.close().awaitUninterruptibly();
        catalog.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private void awaitAnswers(Duration most) {
        connections.newCloseFuture().awaitUninterruptibly(most.toMillis());
    }
}
