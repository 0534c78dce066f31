package dev.fluxion.serving.grpc;

import dev.fluxion.serving.Models;
import dev.fluxion.serving.Repository;
import dev.fluxion.serving.Tls;
import dev.fluxion.serving.protocol.Settings;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * How models are served over gRPC: {@code GrpcServer.of(models).port(8001).start()}.
 *
 * @param models the models, which stay open when the server is closed
 * @param host the address that it listens at
 * @param port the port; 0 for any that is free
 * @param threads how many threads read and write, beside those that compute
 * @param limits what it takes of clients
 * @param repository the files that clients may load models from; null if they may neither load nor unload
 * @param tls what it proves itself with; null for plain text
 * @param token what clients must show in {@code authorization: Bearer}; null if they need nothing
 */
public record GrpcServer(
        Models models,
        String host,
        int port,
        int threads,
        GrpcLimits limits,
        @Nullable Repository repository,
        @Nullable Tls tls,
        @Nullable String token) {
    /** Checks what is given. */
    public GrpcServer {
        Settings.require("GrpcServer", models, host, port, threads, limits, token);
    }

    /** The models on port 8001 of all addresses, with one thread that reads and writes, and the default limits. */
    public static GrpcServer of(Models models) {
        return new GrpcServer(models, "0.0.0.0", 8001, 1, GrpcLimits.defaults(), null, null, null);
    }

    /** Another address, such as {@code 127.0.0.1}. */
    public GrpcServer host(String address) {
        return new GrpcServer(models, address, port, threads, limits, repository, tls, token);
    }

    /** Another port; 0 for any that is free. */
    public GrpcServer port(int number) {
        return new GrpcServer(models, host, number, threads, limits, repository, tls, token);
    }

    /** Another number of threads that read and write. */
    public GrpcServer threads(int count) {
        return new GrpcServer(models, host, port, count, limits, repository, tls, token);
    }

    /** Other limits. */
    public GrpcServer limits(GrpcLimits other) {
        return new GrpcServer(models, host, port, threads, other, repository, tls, token);
    }

    /** Lets clients load models from files and unload models. */
    public GrpcServer repository(Repository files) {
        return new GrpcServer(models, host, port, threads, limits, files, tls, token);
    }

    /** Encrypts. */
    public GrpcServer tls(Tls proof) {
        return new GrpcServer(models, host, port, threads, limits, repository, proof, token);
    }

    /** Answers only those who show a token, but for health. */
    public GrpcServer token(String text) {
        return new GrpcServer(models, host, port, threads, limits, repository, tls, text);
    }

    /**
     * Begins to answer.
     *
     * @throws IOException if the port is taken or the address not of this machine, or the certificate cannot be read
     */
    public RunningGrpcServer start() throws IOException {
        return RunningGrpcServer.start(this);
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "GrpcServer of " + models.list() + " at " + host + ":" + port;
    }
}
