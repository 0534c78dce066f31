package dev.fluxion.serving.http;

import dev.fluxion.ir.Given;
import dev.fluxion.serving.Models;
import dev.fluxion.serving.Repository;
import dev.fluxion.serving.Tls;
import dev.fluxion.serving.protocol.Settings;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How models are served over HTTP: {@code Server.of(models).port(8000).start()}.
 *
 * @param models the models, which stay open when the server is closed
 * @param host the address that it listens at
 * @param port the port; 0 for any that is free
 * @param threads how many threads read and write, beside those that compute
 * @param limits what it takes of clients
 * @param repository the files that clients may load models from; null if they may neither load nor unload
 * @param tls what it proves itself with; null for plain HTTP
 * @param token what clients must show in {@code Authorization: Bearer}; null if they need nothing
 * @param pages further pages in HTML by their paths
 */
public record Server(
        Models models,
        String host,
        int port,
        int threads,
        HttpLimits limits,
        @Nullable Repository repository,
        @Nullable Tls tls,
        @Nullable String token,
        Map<String, String> pages) {
    private static final String SERVER = "Server";

    /** Checks what is given. */
    public Server {
        Settings.require(SERVER, models, host, port, threads, limits, token);
        pages = Map.copyOf(Given.require(SERVER, "the pages", pages));
        pages.keySet().forEach(Errors::requirePath);
    }

    /** The models on port 8000 of all addresses, with one thread that reads and writes, and the default limits. */
    public static Server of(Models models) {
        return new Server(models, "0.0.0.0", 8000, 1, HttpLimits.defaults(), null, null, null, Map.of());
    }

    /** Another address, such as {@code 127.0.0.1}. */
    public Server host(String address) {
        return new Server(models, address, port, threads, limits, repository, tls, token, pages);
    }

    /** Another port; 0 for any that is free. */
    public Server port(int number) {
        return new Server(models, host, number, threads, limits, repository, tls, token, pages);
    }

    /** Another number of threads that read and write. */
    public Server threads(int count) {
        return new Server(models, host, port, count, limits, repository, tls, token, pages);
    }

    /** Other limits. */
    public Server limits(HttpLimits other) {
        return new Server(models, host, port, threads, other, repository, tls, token, pages);
    }

    /** Lets clients load models from files and unload models. */
    public Server repository(Repository files) {
        return new Server(models, host, port, threads, limits, files, tls, token, pages);
    }

    /** Serves HTTPS. */
    public Server tls(Tls proof) {
        return new Server(models, host, port, threads, limits, repository, proof, token, pages);
    }

    /** Answers only those who show a token, but for health. */
    public Server token(String secret) {
        return new Server(models, host, port, threads, limits, repository, tls, secret, pages);
    }

    /** A further page in HTML at a path, such as {@code "/"}. */
    public Server page(String path, String html) {
        Map<String, String> more = new LinkedHashMap<>(pages);
        more.put(path, html);
        return new Server(models, host, port, threads, limits, repository, tls, token, more);
    }

    /**
     * Begins to answer.
     *
     * @throws IOException if the port is taken or the address not of this machine, or the certificate cannot be read
     */
    public RunningServer start() throws IOException {
        return RunningServer.start(this);
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "Server of " + models.list() + " at " + host + ":" + port;
    }
}
