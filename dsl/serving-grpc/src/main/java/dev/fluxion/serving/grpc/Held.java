package dev.fluxion.serving.grpc;

import dev.fluxion.serving.Answers;
import dev.fluxion.serving.protocol.Budget;
import dev.fluxion.serving.protocol.Fault;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What a call holds: the bytes of each message until it is answered, or the call is over, and time. It is counted then. */
final class Held extends ServerStreamTracer {
    private static final Context.Key<Held> OF_CALL = Context.key("fluxion-held");

    private final Budget budget;
    private final Duration time;
    private final ScheduledExecutorService clock;
    private final Answers<String> answers;
    private final long begun = System.nanoTime();
    private final Deque<Message> messages = new ArrayDeque<>();
    private Context.@Nullable CancellableContext context;
    /** The bytes that have come of the next message. */
    private long next;

    private Held(Budget budget, Duration time, ScheduledExecutorService clock, Answers<String> answers) {
        this.budget = budget;
        this.time = time;
        this.clock = clock;
        this.answers = answers;
    }

    /** The bytes of a message as it came and unfolded; the larger number is taken from the budget. */
    private static final class Message {
        private final long wire;
        private long unfolded;

        Message(long wire) {
            this.wire = wire;
        }

        long bytes() {
            return Math.max(wire, unfolded);
        }
    }

    /** Watches each call. */
    static ServerStreamTracer.Factory factory(
            Budget budget, Duration time, ScheduledExecutorService clock, Answers<String> answers) {
        return new ServerStreamTracer.Factory() {
            @Override
            public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
                return new Held(budget, time, clock, answers);
            }
        };
    }

    /** The call is cancelled when its time is over. */
    @Override
    public synchronized Context filterContext(Context outer) {
        Context.CancellableContext inner =
                outer.withValue(OF_CALL, this).withDeadlineAfter(time.toNanos(), TimeUnit.NANOSECONDS, clock);
        context = inner;
        return inner;
    }

    @Override
    public synchronized void inboundWireSize(long bytes) {
        take(bytes);
        next += bytes;
    }

    /** All bytes of a message have come. */
    @Override
    public synchronized void inboundMessageRead(int number, long wire, long unfolded) {
        messages.add(new Message(next));
        next = 0;
    }

    @Override
    public synchronized void inboundUncompressedSize(long bytes) {
        Message last = messages.peekLast();
        if (last != null) {
            take(Math.max(0, last.unfolded + bytes - last.bytes()));
            last.unfolded += bytes;
        }
    }

    private void take(long bytes) {
        try {
            budget.take(bytes);
        } catch (Fault fault) {
            throw Status.RESOURCE_EXHAUSTED.withDescription(fault.text()).asRuntimeException();
        }
    }

    /** The first message of the present call that is not answered yet is. */
    static Runnable answered() {
        Held held = OF_CALL.get();
        return () -> {
            if (held != null) {
                held.giveFirst();
            }
        };
    }

    private synchronized void giveFirst() {
        Message first = messages.poll();
        if (first != null) {
            budget.give(first.bytes());
        }
    }

    @Override
    public synchronized void streamClosed(Status status) {
        answers.add(status.getCode().name(), System.nanoTime() - begun);
        messages.forEach(message -> budget.give(message.bytes()));
        messages.clear();
        budget.give(next);
        next = 0;
        Context.CancellableContext begun = context;
        if (begun != null) {
            begun.cancel(null);
        }
    }
}
