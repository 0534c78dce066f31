package dev.fluxion.serving.grpc;

import dev.fluxion.serving.Status;
import dev.fluxion.serving.Tls;
import dev.fluxion.serving.protocol.Budget;
import dev.fluxion.serving.protocol.Catalog;
import dev.fluxion.serving.protocol.Closing;
import dev.fluxion.serving.protocol.Settings;
import io.grpc.Server;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A server that answers; see {@link GrpcServer#start}. */
@SuppressWarnings("FutureReturnValueIgnored") // of threads whose end nobody waits for
public final class RunningGrpcServer implements AutoCloseable {
    /** A connection that is being made, and one that was asked for a sign of life, have so long. */
    private static final int PATIENCE_SECONDS = 20;
    /** Clients may ask for a sign of life so often. */
    private static final int PING_SECONDS = 5;
    /** So many calls of a connection may be reset in {@link #PATIENCE_SECONDS}. */
    private static final int RESETS = 1000;

    /** Messages of streams that are on their way when the server closes have so long. */
    private static final Duration LINGER = Duration.ofMillis(500);

    private final GrpcServer settings;
    private final Budget budget;
    private final Catalog catalog;
    private final EventLoopGroup loops;
    private final Server server;
    private final Streams streams = new Streams();
    private final Closing closing = new Closing();

    private RunningGrpcServer(GrpcServer settings) throws IOException {
        ClientFaults.areNotLogged();
        this.settings = settings;
        this.budget = new Budget(settings.limits().messages());
        this.catalog = new Catalog(settings.models(), settings.repository());
        NettyServerBuilder builder = builder(settings);
        this.loops = new MultiThreadIoEventLoopGroup(
                settings.threads(), new DefaultThreadFactory("fluxion-grpc"), NioIoHandler.newFactory());
        Methods methods = new Methods(settings.models(), catalog, this::isReady, loops, new Rushes(loops), streams);
        methods.services(settings.token()).forEach(builder::addService);
        this.server = builder.bossEventLoopGroup(loops)
                .workerEventLoopGroup(loops)
                .addStreamTracerFactory(Held.factory(
                        budget,
                        settings.limits().call(),
                        loops,
                        settings.models().overGrpc()))
                .build();
        try {
            server.start();
        } catch (IOException | RuntimeException e) {
            loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
            throw new IOException(Settings.notBound(settings.host(), settings.port()), e);
        }
    }

    static RunningGrpcServer start(GrpcServer settings) throws IOException {
        return new RunningGrpcServer(settings);
    }

    private static NettyServerBuilder builder(GrpcServer settings) throws IOException {
        GrpcLimits limits = settings.limits();
        Tls proof = settings.tls();
        SslContext tls = proof == null ? null : tls(proof);
        NettyServerBuilder builder = NettyServerBuilder.forAddress(
                        new InetSocketAddress(settings.host(), settings.port()))
                .directExecutor()
                .channelFactory(() -> new BoundedChannel(limits, tls))
                .withChildOption(ChannelOption.TCP_NODELAY, true)
                .maxConcurrentCallsPerConnection(limits.calls())
                .maxInboundMessageSize(limits.message())
                .maxInboundMetadataSize(limits.header())
                .maxConnectionIdle(limits.idle().toNanos(), TimeUnit.NANOSECONDS)
                .keepAliveTime(limits.keepAlive().toNanos(), TimeUnit.NANOSECONDS)
                .keepAliveTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .permitKeepAliveTime(PING_SECONDS, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .maxRstFramesPerWindow(RESETS, PATIENCE_SECONDS);
        builder.handshakeTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS);
        return tls == null ? builder : builder.sslContext(tls);
    }

    private static SslContext tls(Tls proof) throws IOException {
        try {
            return GrpcSslContexts.forServer(
                            proof.certificates().toFile(), proof.key().toFile())
                    .build();
        } catch (IllegalArgumentException | IOException e) {
            throw new IOException(Settings.badTls(proof), e);
        }
    }

    /** The port, also where any free one was asked for. */
    public int port() {
        return server.getPort();
    }

    /** Whether requests are taken: the server is not closing, and its models are ready. */
    public Status status() {
        return closing.status(settings.models());
    }

    private boolean isReady() {
        return status().ready();
    }

    /** The bytes of messages that are held at present. */
    long bytes() {
        return budget.taken();
    }

    /** Closes this when the process ends, as on SIGTERM, so that requests that have come are answered. */
    public RunningGrpcServer closeOnExit() {
        Closing.onExit("fluxion-grpc", this::close);
        return this;
    }

    /** Waits until this is closed. */
    public void await() throws InterruptedException {
        closing.await();
    }

    /**
     * Is not ready any more, takes no more connections and calls, answers those that have come, at most for the time that the limits
     * give, and closes all connections. The models stay open. Closing again waits for the same.
     */
    @Override
    public void close() {
        closing.run(this::end);
    }

    private void end() {
        server.shutdown();
        await(LINGER);
        streams.close();
        await(settings.limits().drain());
        server.shutdownNow();
        await(Duration.ofSeconds(PATIENCE_SECONDS));
        catalog.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private void await(Duration most) {
        long until = System.nanoTime() + most.toNanos();
        boolean interrupted = false;
        boolean over = false;
        while (!over) {
            try {
                server.awaitTermination(until - System.nanoTime(), TimeUnit.NANOSECONDS);
                over = true;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
