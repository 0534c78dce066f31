package dev.fluxion.serving.http;

import dev.fluxion.serving.protocol.Budget;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A request that is being read. It holds memory until it is released, and its share of the budget until that is given back. */
final class Incoming {
    private final HttpRequest head;
    private final int most;
    private final Budget budget;
    private final long begun;
    private @Nullable ByteBuf body;
    private long taken;

    Incoming(HttpRequest head, int most, Budget budget, long begun) {
        this.head = head;
        this.most = most;
        this.budget = budget;
        this.begun = begun;
    }

    HttpRequest head() {
        return head;
    }

    /** When it began to come. */
    long begun() {
        return begun;
    }

    /**
     * Adds a part of the body. Small parts are copied, since what they are cut from is large.
     *
     * @param last whether it is the last one
     */
    void add(ByteBuf part, boolean last, ByteBufAllocator memory) {
        int bytes = part.readableBytes();
        if (bytes == 0) {
            return;
        }
        if (bytes > most - taken) {
            throw Errors.longBody(most);
        }
        take(bytes);
        if (body == null && last) {
            body = part.retain();
            return;
        }
        if (body == null) {
            body = memory.buffer(bytes, most);
        }
        body.writeBytes(part);
    }

    private void take(int bytes) {
        budget.take(bytes);
        taken += bytes;
    }

    /** The whole body, unfolded. It is there until this is released. */
    ByteBuffer body() {
        String encoding = head.headers().get(HttpHeaderNames.CONTENT_ENCODING);
        if (body == null) {
            return ByteBuffer.allocate(0);
        }
        if (encoding != null && Folding.isFolded(encoding)) {
            return ByteBuffer.wrap(Folding.unfold(encoding, body.nioBuffer(), most, this::take));
        }
        return body.nioBuffer();
    }

    /** Frees the memory. */
    void release() {
        if (body != null) {
            body.release();
            body = null;
        }
    }

    /** Gives its share of the budget back. */
    void giveBack() {
        budget.give(taken);
        taken = 0;
    }
}
