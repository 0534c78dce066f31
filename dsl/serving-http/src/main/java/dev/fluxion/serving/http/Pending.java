package dev.fluxion.serving.http;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
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

    /** Nobody waits any more. */
    void abandon() {
        if (work != null && reply == null) {
            work.cancel(false);
        }
        request.giveBack();
    }

    /** The answer as HTTP. */
    FullHttpResponse response(boolean stays, Metrics metrics) {
        Reply answer = reply == null ? Reply.error(500, Errors.failed(), Map.of()) : reply;
        byte[] body = answer.body();
        String encoding = Folding.accepted(request.head().headers().get(HttpHeaderNames.ACCEPT_ENCODING), body.length);
        if (encoding != null) {
            body = Folding.fold(encoding, body);
        }
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(answer.status()), Unpooled.wrappedBuffer(body));
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, answer.type());
        response.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.length);
        if (encoding != null) {
            response.headers().set(HttpHeaderNames.CONTENT_ENCODING, encoding);
        }
        answer.headers().forEach(response.headers()::set);
        if (request.head().protocolVersion().equals(HttpVersion.HTTP_1_0)) {
            response.headers().set(HttpHeaderNames.CONNECTION, stays ? "keep-alive" : "close");
        } else {
            HttpUtil.setKeepAlive(response, stays);
        }
        metrics.answered(answer.status(), System.nanoTime() - begun);
        return response;
    }
}
