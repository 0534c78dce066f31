package dev.fluxion.serving.grpc;

import dev.fluxion.serving.protocol.Budget;
import dev.fluxion.serving.protocol.Fault;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What a call holds: the bytes of its message until it is over, and time. */
final class Held extends ServerStreamTracer {
    private final Budget budget;
    private final Duration time;
    private final ScheduledExecutorService clock;
    private Context.@Nullable CancellableContext context;
    private long wire;
    private long unfolded;
    private long taken;

    private Held(Budget budget, Duration time, ScheduledExecutorService clock) {
        this.budget = budget;
        this.time = time;
        this.clock = clock;
    }

    /** Watches each call. */
    static ServerStreamTracer.Factory factory(Budget budget, Duration time, ScheduledExecutorService clock) {
        return new ServerStreamTracer.Factory() {
            @Override
            public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
                return new Held(budget, time, clock);
            }
        };
    }

    /** The call is cancelled when its time is over. */
    @Override
    public synchronized Context filterContext(Context outer) {
        Context.CancellableContext inner = outer.withDeadlineAfter(time.toNanos(), TimeUnit.NANOSECONDS, clock);
        context = inner;
        return inner;
    }

    @Override
    public synchronized void inboundWireSize(long bytes) {
        wire += bytes;
        take(wire);
    }

    @Override
    public synchronized void inboundUncompressedSize(long bytes) {
        unfolded += bytes;
        take(unfolded);
    }

    private void take(long bytes) {
        if (bytes > taken) {
            try {
                budget.take(bytes - taken);
            } catch (Fault fault) {
                throw Status.RESOURCE_EXHAUSTED.withDescription(fault.text()).asRuntimeException();
            }
            taken = bytes;
        }
    }

    @Override
    public synchronized void streamClosed(Status status) {
        budget.give(taken);
        taken = 0;
        Context.CancellableContext begun = context;
        if (begun != null) {
            begun.cancel(null);
        }
    }
}
