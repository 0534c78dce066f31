package dev.fluxion.serving.grpc;

import dev.fluxion.serving.protocol.Guard;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** A call of many messages: each is answered with one, in their order, whatever comes of it. */
final class StreamCall extends ServerCall.Listener<Bytes.Message> {
    /** So many messages are computed at one time. */
    private static final int AT_ONCE = 64;

    private final ServerCall<Bytes.Message, Bytes.Message> call;
    private final Method method;
    private final Executor executor;
    private final Rushes rushes;
    private final Streams streams;
    private final Runnable answered = Held.answered();
    private final @Nullable Deadline deadline = Context.current().getDeadline();
    private final Deque<Pending> pending = new ArrayDeque<>();
    private boolean begun;
    private boolean over;
    private boolean halfClosed;
    /** The server is closing. */
    private boolean closing;
    /** How many messages may come, which are not asked for while the client does not take answers. */
    private int owed = AT_ONCE;

    /** A message that is to be answered. */
    private static final class Pending {
        private @Nullable Future<?> work;
        private byte @Nullable [] reply;
    }

    private StreamCall(
            ServerCall<Bytes.Message, Bytes.Message> call,
            Method method,
            Executor executor,
            Rushes rushes,
            Streams streams) {
        this.call = call;
        this.method = method;
        this.executor = executor;
        this.rushes = rushes;
        this.streams = streams;
    }

    /** What a method does with each message. */
    interface Method {
        /** Answers a message, by the deadline of the call. */
        Later<?> answer(ByteBuffer message, @Nullable Deadline deadline);

        /** The reply to a message that has no answer. */
        byte[] failed(byte[] message, String why);
    }

    /** Handles the calls of a method. Answers are written by the executor. */
    static ServerCallHandler<Bytes.Message, Bytes.Message> handler(
            Method method, Guard guard, Executor executor, Rushes rushes, Streams streams) {
        return (call, headers) -> {
            StreamCall begun = new StreamCall(call, method, executor, rushes, streams);
            if (guard.admits(headers.get(UnaryCall.AUTHORIZATION))) {
                begun.ask();
                streams.began(begun);
            } else {
                begun.close(Status.UNAUTHENTICATED.withDescription(Errors.unauthorized()));
            }
            return begun;
        };
    }

    private void ask() {
        if (owed > 0 && !over) {
            call.request(owed);
            owed = 0;
        }
    }

    private void close(Status status) {
        over = true;
        call.close(status, new Metadata());
    }

    @Override
    public synchronized void onMessage(Bytes.Message next) {
        if (over || closing) {
            return;
        }
        byte[] message;
        try {
            message = next.get();
        } catch (RuntimeException e) {
            close(Statuses.of(e, deadline)); // it is too long, or no gzip
            return;
        }
        Pending waiting = new Pending();
        pending.add(waiting);
        rushes.add(() -> ask(waiting, message));
    }

    @SuppressWarnings("FutureReturnValueIgnored") // of what answers, whatever comes
    private synchronized void ask(Pending waiting, byte[] message) {
        if (over) {
            return;
        }
        Later<?> later = answer(message);
        waiting.work = later.work();
        CompletableFuture<byte[]> reply = later.in(executor);
        reply.whenComplete((bytes, failure) ->
                send(waiting, failure == null ? Objects.requireNonNull(bytes) : failed(message, failure)));
    }

    private Later<?> answer(byte[] message) {
        try {
            return method.answer(ByteBuffer.wrap(message), deadline);
        } catch (RuntimeException | Error e) {
            return Later.failed(e);
        }
    }

    private byte[] failed(byte[] message, Throwable failure) {
        Status status = Statuses.of(failure, deadline);
        return method.failed(message, String.valueOf(status.getDescription()));
    }

    private synchronized void send(Pending waiting, byte[] made) {
        waiting.reply = made;
        for (Pending first = pending.peek(); !over && first != null; first = pending.peek()) {
            byte[] reply = first.reply;
            if (reply == null) {
                break;
            }
            pending.remove();
            if (!begun) {
                begun = true;
                call.sendHeaders(new Metadata());
            }
            call.sendMessage(() -> reply);
            answered.run();
            owed++;
        }
        if (call.isReady()) {
            ask();
        }
        endIfDone();
    }

    private void endIfDone() {
        if (pending.isEmpty() && !over && (halfClosed || closing)) {
            close(halfClosed ? Status.OK : Status.UNAVAILABLE.withDescription(Errors.closing()));
        }
    }

    /** Takes no more messages than have come, since the server is closing. */
    synchronized void endWhenAnswered() {
        closing = true;
        endIfDone();
    }

    @Override
    public synchronized void onReady() {
        ask();
    }

    @Override
    public synchronized void onHalfClose() {
        halfClosed = true;
        endIfDone();
    }

    @Override
    public void onComplete() {
        streams.ended(this);
    }

    @Override
    public synchronized void onCancel() {
        streams.ended(this);
        over = true;
        for (Pending waiting : pending) {
            Future<?> work = waiting.work;
            if (work != null) {
                work.cancel(false);
            }
        }
    }
}
