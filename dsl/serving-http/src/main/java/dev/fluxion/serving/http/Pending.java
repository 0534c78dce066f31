package dev.fluxion.serving.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Map;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** A request that is to be answered, in its turn. */
final class Pending {
    private final Incoming request;
    private final long begun;
    private final boolean goesOn;
    private @Nullable Future<?> work;
    private @Nullable Reply reply;
    private boolean abandoned;

    /**
     * A request that was read.
     *
     * @param goesOn whether the connection may stay open after the answer
     */
    Pending(Incoming request, long begun, boolean goesOn) {
        this.request = request;
        this.begun = begun;
        this.goesOn = goesOn;
    }

    void waitsFor(Future<?> what) {
        work = what;
    }

    /** The answer is there. */
    void answer(Reply with) {
        reply = with;
        request.giveBack();
    }

    boolean isAnswered() {
        return reply != null;
    }

    boolean goesOn() {
        return goesOn;
    }

    /** Whether somebody still waits. */
    boolean isWanted() {
        return !abandoned;
    }

    /** Nobody waits any more. */
    void abandon() {
        abandoned = true;
        if (work != null && reply == null) {
            work.cancel(false);
        }
        request.giveBack();
    }

    /** The answer as HTTP. */
    ByteBuf response(ByteBufAllocator memory, boolean stays, Metrics metrics) {
        Reply answer = reply == null ? Reply.error(500, Errors.failed(), Map.of()) : reply;
        metrics.answered(answer.status(), System.nanoTime() - begun);
        return AnswerBytes.write(memory, request.head(), answer, stays);
    }
}
