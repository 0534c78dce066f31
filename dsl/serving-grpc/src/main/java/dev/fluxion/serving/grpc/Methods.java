package dev.fluxion.serving.grpc;

import dev.fluxion.Tensors;
import dev.fluxion.serving.Models;
import dev.fluxion.serving.RefusedException;
import dev.fluxion.serving.Terms;
import dev.fluxion.serving.protocol.Catalog;
import dev.fluxion.serving.protocol.Fault;
import dev.fluxion.serving.protocol.Guard;
import dev.fluxion.serving.protocol.Rules;
import dev.fluxion.serving.protocol.Rush;
import io.grpc.Deadline;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The methods by their names. */
final class Methods {
    private static final String INFERENCE = "inference.GRPCInferenceService";
    private static final String HEALTH = "grpc.health.v1.Health";
    private static final int SERVING = 1;
    private static final int NOT_SERVING = 2;

    private final Models models;
    private final Catalog catalog;
    private final BooleanSupplier ready;
    private final Executor executor;
    private final Rushes rushes;
    private final Streams streams;

    Methods(Models models, Catalog catalog, BooleanSupplier ready, Executor executor, Rushes rushes, Streams streams) {
        this.models = models;
        this.catalog = catalog;
        this.ready = ready;
        this.executor = executor;
        this.rushes = rushes;
        this.streams = streams;
    }

    /** All services. Health needs no token. */
    List<ServerServiceDefinition> services(@Nullable String token) {
        Guard open = new Guard(null);
        Guard guard = new Guard(token);
        ServerServiceDefinition.Builder inference = ServerServiceDefinition.builder(INFERENCE);
        add(
                inference,
                open,
                INFERENCE + "/ServerLive",
                (message, deadline) -> state(models.status().live()));
        add(inference, open, INFERENCE + "/ServerReady", (message, deadline) -> state(ready.getAsBoolean()));
        add(
                inference,
                guard,
                INFERENCE + "/ModelReady",
                (message, deadline) -> state(isReady(Name.read(message, 1, 2))));
        add(inference, guard, INFERENCE + "/ServerMetadata", (message, deadline) -> Later.now(Descriptions.server()));
        add(inference, guard, INFERENCE + "/ModelMetadata", (message, deadline) -> metadata(Name.read(message, 1, 2)));
        add(inference, guard, INFERENCE + "/ModelConfig", (message, deadline) -> config(Name.read(message, 1, 2)));
        add(
                inference,
                guard,
                INFERENCE + "/ModelStatistics",
                (message, deadline) -> statistics(Name.read(message, 1, 2)));
        add(inference, guard, INFERENCE + "/ModelInfer", this::infer);
        inference.addMethod(
                descriptor(INFERENCE + "/ModelStreamInfer", MethodDescriptor.MethodType.BIDI_STREAMING),
                StreamCall.handler(new Inferences(), guard, executor, rushes, streams));
        add(inference, guard, INFERENCE + "/RepositoryIndex", (message, deadline) -> index(message));
        add(inference, guard, INFERENCE + "/RepositoryModelLoad", (message, deadline) -> load(message));
        add(inference, guard, INFERENCE + "/RepositoryModelUnload", (message, deadline) -> unload(message));
        ServerServiceDefinition.Builder health = ServerServiceDefinition.builder(HEALTH);
        add(
                health,
                open,
                HEALTH + "/Check",
                (message, deadline) -> health(Name.read(message, 1, 0).name()));
        return List.of(inference.build(), health.build());
    }

    private void add(ServerServiceDefinition.Builder service, Guard guard, String path, UnaryCall.Method method) {
        service.addMethod(
                descriptor(path, MethodDescriptor.MethodType.UNARY),
                UnaryCall.handler(method, guard, executor, rushes));
    }

    private static MethodDescriptor<Bytes.Message, Bytes.Message> descriptor(
            String path, MethodDescriptor.MethodType type) {
        return MethodDescriptor.<Bytes.Message, Bytes.Message>newBuilder()
                .setType(type)
                .setFullMethodName(path)
                .setRequestMarshaller(Bytes.MARSHALLER)
                .setResponseMarshaller(Bytes.MARSHALLER)
                .build();
    }

    /** Requests of a stream. An answer is within another message, which has an error in its place if there is none. */
    private final class Inferences implements StreamCall.Method {
        @Override
        public Later<?> answer(ByteBuffer message, @Nullable Deadline deadline) {
            return infer(message, deadline).within(2);
        }

        @Override
        public byte[] failed(byte[] message, String why) {
            String id = InferRequest.id(ByteBuffer.wrap(message));
            return WireWriter.write(out -> {
                out.text(1, why);
                out.message(2, response -> response.text(3, id));
            });
        }
    }

    private static Later<byte[]> state(boolean holds) {
        return Later.now(WireWriter.write(out -> out.flag(1, holds)));
    }

    private boolean isReady(Name model) {
        try {
            return catalog.with(model.name(), model.version(), served -> true);
        } catch (Fault | RefusedException e) {
            return false;
        }
    }

    private Later<byte[]> health(String service) {
        if (!service.isEmpty() && !service.equals(INFERENCE)) {
            throw Errors.unknownService(service);
        }
        return Later.now(WireWriter.write(out -> out.integer(1, ready.getAsBoolean() ? SERVING : NOT_SERVING)));
    }

    private Later<byte[]> metadata(Name model) {
        return Later.now(catalog.with(
                model.name(), model.version(), served -> Descriptions.model(served, catalog.versions(served.name()))));
    }

    private Later<byte[]> config(Name model) {
        return Later.now(catalog.with(model.name(), model.version(), Descriptions::config));
    }

    private Later<byte[]> statistics(Name model) {
        List<Models.Loaded> which =
                model.name().isEmpty() ? models.list() : catalog.versions(model.name(), model.version());
        return Later.now(Descriptions.statistics(models, which));
    }

    private Later<Tensors> infer(ByteBuffer message, @Nullable Deadline deadline) {
        InferRequest request = InferRequest.read(message);
        return catalog.with(request.model().name(), request.model().version(), served -> {
            Tensors inputs = request.inputs(served.signature());
            List<String> wanted = request.outputs(served.signature());
            Rules.room(served.signature(), inputs, served.batching());
            Terms terms = within(request.terms(), deadline);
            Rush rush = rushes.current();
            CompletableFuture<Tensors> work =
                    served.service().submit(inputs, rush == null ? terms : terms.in(rush.burst()));
            return new Later<>(work, results -> request.answer(served, wanted, results));
        });
    }

    private static Terms within(Terms terms, @Nullable Deadline deadline) {
        if (deadline == null) {
            return terms;
        }
        long left = deadline.timeRemaining(TimeUnit.NANOSECONDS);
        if (left <= 0) {
            throw Status.DEADLINE_EXCEEDED.withDescription(Errors.expired()).asRuntimeException();
        }
        Duration time = Duration.ofNanos(left);
        return time.compareTo(terms.deadline()) < 0 ? terms.deadline(time) : terms;
    }

    private Later<byte[]> index(ByteBuffer message) {
        boolean onlyReady = false;
        WireReader in = new WireReader(message);
        while (in.next()) {
            if (in.field() == 2) {
                onlyReady = in.flag();
            } else {
                in.skip();
            }
        }
        return Later.now(Descriptions.index(catalog.index(onlyReady)));
    }

    private Later<Void> load(ByteBuffer message) {
        return operated(catalog.load(Name.read(message, 2, 0).name(), hasParameters(message)));
    }

    private Later<Void> unload(ByteBuffer message) {
        return operated(catalog.unload(Name.read(message, 2, 0).name()));
    }

    private static boolean hasParameters(ByteBuffer message) {
        boolean found = false;
        WireReader in = new WireReader(message);
        while (in.next()) {
            found |= in.field() == 3;
            in.skip();
        }
        return found;
    }

    private static Later<Void> operated(CompletableFuture<Void> work) {
        return new Later<>(work, done -> new byte[0]);
    }
}
