package dev.fluxion.serving.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.AsciiString;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is known of requests before their bodies come. */
final class Heads {
    /** Headers of which others might take the other value if they were there twice. */
    private static final AsciiString[] ONCE = {
        HttpHeaderNames.HOST,
        HttpHeaderNames.AUTHORIZATION,
        HttpHeaderNames.CONTENT_ENCODING,
        HttpHeaderNames.EXPECT,
        AsciiString.cached(Reply.JSON_LENGTH)
    };

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
        HttpHeaders headers = head.headers();
        requireOnce(headers);
        if (!headers.contains(HttpHeaderNames.HOST) && !isOld(head)) {
            throw Errors.noHost();
        }
        if (headers.contains(HttpHeaderNames.TRANSFER_ENCODING)) {
            requireChunks(headers.getAll(HttpHeaderNames.TRANSFER_ENCODING));
        }
        if (HttpUtil.getContentLength(head, 0L) > mostBytes) {
            throw Errors.longBody(mostBytes);
        }
        String expected = expected(head);
        if (expected != null && !expected.equalsIgnoreCase("100-continue")) {
            throw Errors.badExpectation(expected);
        }
    }

    private static void requireOnce(HttpHeaders headers) {
        int seen = 0;
        Iterator<Map.Entry<CharSequence, CharSequence>> all = headers.iteratorCharSequence();
        while (all.hasNext()) {
            CharSequence name = all.next().getKey();
            for (int i = 0; i < ONCE.length; i++) {
                if (ONCE[i].contentEqualsIgnoreCase(name)) {
                    int bit = 1 << i;
                    if ((seen & bit) != 0) {
                        throw Errors.twice(ONCE[i].toString());
                    }
                    seen |= bit;
                }
            }
        }
    }

    private static void requireChunks(List<String> codings) {
        if (codings.size() > 1 || !codings.get(0).strip().equalsIgnoreCase("chunked")) {
            throw Errors.badCoding(String.join(", ", codings));
        }
    }

    private static boolean isOld(HttpRequest head) {
        return head.protocolVersion().equals(HttpVersion.HTTP_1_0);
    }

    /** What a client expects. Old ones, and those behind an old proxy, expect nothing, whatever they say (RFC 9110, 10.1.1). */
    private static @Nullable String expected(HttpRequest head) {
        return isOld(head) ? null : head.headers().get(HttpHeaderNames.EXPECT);
    }

    /** Whether a client wants to be told to send the body, if one is to come. */
    static boolean waitsForGoOn(HttpRequest head) {
        return expected(head) != null && hasBody(head);
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
