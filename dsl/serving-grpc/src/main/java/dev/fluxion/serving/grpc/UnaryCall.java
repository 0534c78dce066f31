package dev.fluxion.serving.grpc;

import dev.fluxion.serving.protocol.Guard;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** A call of one message that is answered with one. */
final class UnaryCall extends ServerCall.Listener<Bytes.Message> {
    static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private final ServerCall<Bytes.Message, Bytes.Message> call;
    private final Method method;
    private final Executor executor;
    private final Rushes rushes;
    private final @Nullable Deadline deadline = Context.current().getDeadline();
    private Bytes.@Nullable Message message;
    private boolean refused;
    private volatile @Nullable Future<?> work;

    private UnaryCall(ServerCall<Bytes.Message, Bytes.Message> call, Method method, Executor executor, Rushes rushes) {
        this.call = call;
        this.method = method;
        this.executor = executor;
        this.rushes = rushes;
    }

    /** What a method does. */
    interface Method {
        /** Answers a message, by the deadline of the call: the client's, or the limit of the server if that is earlier. */
        Later<?> answer(ByteBuffer message, @Nullable Deadline deadline);
    }

    /** Handles the calls of a method. Answers are written, and calls are ended, by the executor. */
    static ServerCallHandler<Bytes.Message, Bytes.Message> handler(
            Method method, Guard guard, Executor executor, Rushes rushes) {
        return (call, headers) -> {
            UnaryCall begun = new UnaryCall(call, method, executor, rushes);
            if (guard.admits(headers.get(AUTHORIZATION))) {
                call.request(2); // two, to see if there are too many
            } else {
                begun.refuse(Status.UNAUTHENTICATED.withDescription(Errors.unauthorized()));
            }
            return begun;
        };
    }

    private void refuse(Status status) {
        refused = true;
        call.close(status, new Metadata());
    }

    @Override
    public void onMessage(Bytes.Message next) {
        if (!refused && message != null) {
            refuse(Status.INVALID_ARGUMENT.withDescription(Errors.oneMessage()));
        }
        message = next;
    }

    @Override
    public void onHalfClose() {
        if (refused) {
            return;
        }
        Bytes.Message request = message;
        if (request == null) {
            refuse(Status.INVALID_ARGUMENT.withDescription(Errors.oneMessage()));
            return;
        }
        message = null;
        rushes.add(() -> ask(request));
    }

    @SuppressWarnings("FutureReturnValueIgnored") // of what ends the call, whatever comes
    private void ask(Bytes.Message request) {
        if (!call.isCancelled()) {
            Later<?> later = answer(request);
            work = later.work();
            later.in(executor).whenComplete(this::finish);
        }
    }

    private Later<?> answer(Bytes.Message request) {
        try {
            return method.answer(ByteBuffer.wrap(request.get()), deadline);
        } catch (RuntimeException | Error e) {
            return Later.failed(e);
        }
    }

    private void finish(byte @Nullable [] reply, @Nullable Throwable failure) {
        if (call.isCancelled()) {
            return;
        }
        if (reply == null) {
            call.close(Statuses.of(Objects.requireNonNull(failure), deadline), new Metadata());
        } else {
            call.sendHeaders(new Metadata());
            call.sendMessage(() -> reply);
            call.close(Status.OK, new Metadata());
        }
    }

    @Override
    public void onCancel() {
        Future<?> pending = work;
        if (pending != null) {
            pending.cancel(false);
        }
    }
}
