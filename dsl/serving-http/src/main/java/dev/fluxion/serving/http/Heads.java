package dev.fluxion.serving.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is known of requests before their bodies come. */
final class Heads {
    private Heads() {}

    /**
     * Requires what HTTP does, and a body of so many bytes at most.
     *
     * @throws HttpFault if it is otherwise
     */
    static void require(HttpRequest head, int mostBytes) {
        if (head.decoderResult().isFailure()) {
            throw fault(head.decoderResult().cause());
        }
        if (head.protocolVersion().majorVersion() != 1) {
            throw Errors.badVersion(head.protocolVersion().text());
        }
        if (Headers.only(head.headers(), HttpHeaderNames.HOST) == null && !isOld(head)) {
            throw Errors.noHost();
        }
        List<String> codings = head.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING);
        if (!codings.isEmpty()
                && !(codings.size() == 1 && codings.get(0).strip().equalsIgnoreCase("chunked"))) {
            throw Errors.badCoding(String.join(", ", codings));
        }
        if (HttpUtil.getContentLength(head, 0L) > mostBytes) {
            throw Errors.longBody(mostBytes);
        }
        String expected = expected(head);
        if (expected != null && !expected.equalsIgnoreCase("100-continue")) {
            throw Errors.badExpectation(expected);
        }
    }

    private static boolean isOld(HttpRequest head) {
        return head.protocolVersion().equals(HttpVersion.HTTP_1_0);
    }

    /** What a client expects. Old ones, and those behind an old proxy, expect nothing, whatever they say (RFC 9110, 10.1.1). */
    private static @Nullable String expected(HttpRequest head) {
        return isOld(head) ? null : Headers.only(head.headers(), HttpHeaderNames.EXPECT);
    }

    /** Whether a client wants to be told to send the body. */
    static boolean waitsForGoOn(HttpRequest head) {
        return expected(head) != null;
    }

    /** Whether a body comes. */
    static boolean hasBody(HttpRequest head) {
        HttpHeaders headers = head.headers();
        return headers.contains(HttpHeaderNames.TRANSFER_ENCODING) || HttpUtil.getContentLength(head, 0L) > 0;
    }

    /** What a failure to read the head of a request, or a part of its body, is called. */
    static HttpFault fault(Throwable why) {
        if (why instanceof TooLongHttpLineException) {
            return Errors.longLine();
        }
        return why instanceof TooLongHttpHeaderException
                ? Errors.longHeader()
                : Errors.badHttp(String.valueOf(why.getMessage()));
    }
}
