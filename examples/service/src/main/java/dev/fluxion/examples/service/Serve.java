package dev.fluxion.examples.service;

import dev.fluxion.serving.Batching;
import dev.fluxion.serving.Limits;
import dev.fluxion.serving.Models;
import dev.fluxion.serving.Repository;
import dev.fluxion.serving.Source;
import dev.fluxion.serving.grpc.GrpcServer;
import dev.fluxion.serving.grpc.RunningGrpcServer;
import dev.fluxion.serving.http.RunningServer;
import dev.fluxion.serving.http.Server;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Serves models that {@code model.export} wrote: {@code --model digits=digits.fluxion --port 8000}. */
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        description = "Serves models by the Open Inference Protocol. At / is a page to look at them.")
public final class Serve implements Callable<Integer> {
    private static final double MOST_SECONDS = 86_400;

    @Option(
            names = "--model",
            required = true,
            paramLabel = "NAME=FILE",
            description = "a model that model.export wrote; may be given again")
    private final Map<String, Path> files = new LinkedHashMap<>();

    @Option(names = "--port", paramLabel = "N", description = "the port; 0 for any that is free (${DEFAULT-VALUE})")
    private int port = 8000;

    @Option(names = "--grpc-port", paramLabel = "N", description = "serves gRPC, too, at this port; 0 for any")
    private @Nullable Integer grpcPort;

    @Option(names = "--host", paramLabel = "NAME", description = "the address to listen at (${DEFAULT-VALUE})")
    private String host = "0.0.0.0";

    @Option(
            names = "--repository",
            paramLabel = "DIR",
            description = "lets clients load NAME.fluxion and NAME/VERSION.fluxion from here")
    private @Nullable Path repository;

    @Option(names = "--max-batch", paramLabel = "N", description = "samples in a batch at most (${DEFAULT-VALUE})")
    private int maxBatch = 32;

    @Option(names = "--workers", paramLabel = "N", description = "batches at the same time (one for each processor)")
    private int workers = Runtime.getRuntime().availableProcessors();

    @Option(names = "--load", description = "ask the first model over HTTP, print a table and end")
    private boolean load;

    @Option(names = "--seconds", paramLabel = "N", description = "for each line of the table (${DEFAULT-VALUE})")
    private double seconds = 5;

    private Serve() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (!(seconds > 0 && seconds <= MOST_SECONDS)) {
            throw new IllegalArgumentException("--seconds must be above 0 and at most a day but is " + seconds);
        }
        Batching batching =
                Batching.defaults().maxBatch(maxBatch).workers(workers).threadsPerWorker(1);
        try (Models models = Models.of(Limits.none())) {
            files.forEach((name, file) -> models.load(name, "1", Source.of(file).batching(batching)));
            Server server = Server.of(models).host(host).port(port).page("/", page());
            Repository folder =
                    repository == null ? null : Repository.of(repository).batching(batching);
            if (folder != null) {
                server = server.repository(folder);
            }
            try (RunningServer running = server.start().closeOnExit();
                    RunningGrpcServer grpc = startGrpc(models, folder)) {
                URI here = URI.create("http://localhost:" + running.port());
                String also = grpc == null ? "" : " and, over gRPC, at localhost:" + grpc.port();
                System.out.println("serving " + String.join(", ", files.keySet()) + " at " + here + also);
                if (load) {
                    load(models, here, System.out);
                } else {
                    running.await();
                }
            }
        }
        return 0;
    }

    private @Nullable RunningGrpcServer startGrpc(Models models, @Nullable Repository folder) throws IOException {
        if (grpcPort == null) {
            return null;
        }
        GrpcServer server = GrpcServer.of(models).host(host).port(grpcPort);
        return (folder == null ? server : server.repository(folder)).start().closeOnExit();
    }

    private void load(Models models, URI here, PrintStream out) throws InterruptedException {
        String name = files.keySet().iterator().next();
        Load generator = models.with(name, served -> Load.of(here, served));
        out.println(Load.HEADING);
        for (int callers : new int[] {1, 4, 16, 64}) {
            out.println(generator.run(callers, Duration.ofNanos((long) (seconds * 1e9))));
        }
    }

    private static String page() throws IOException {
        try (InputStream in = Objects.requireNonNull(Serve.class.getResourceAsStream("page.html"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Runs it. */
    public static void main(String... arguments) {
        System.exit(run(arguments));
    }

    /** The exit code: 0, 1 if it failed, 2 if the arguments are wrong. An error is a line, not a stack trace. */
    static int run(String... arguments) {
        return new CommandLine(new Serve())
                .setParameterExceptionHandler(
                        (e, args) -> fail(e.getMessage() + " (--help lists the options)", CommandLine.ExitCode.USAGE))
                .setExecutionExceptionHandler((e, line, args) -> fail(message(e), CommandLine.ExitCode.SOFTWARE))
                .execute(arguments);
    }

    private static int fail(String message, int code) {
        System.err.println("serve: " + message);
        return code;
    }

    private static String message(Exception e) {
        Throwable cause = e.getCause();
        Throwable told = e instanceof UncheckedIOException && cause != null ? cause : e;
        return told.getMessage() == null ? told.toString() : told.getMessage();
    }
}
