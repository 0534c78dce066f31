package dev.fluxion.serving.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/** Writes answers as HTTP/1.1, each as one piece of memory, which is sent at once. */
final class AnswerBytes {
    /** Headers have fewer bytes, as a rule. */
    private static final int HEADERS = 256;

    private static final String END = "\r\n";

    private AnswerBytes() {}

    /** Tells a client to send the body. */
    static ByteBuf goOn(ByteBufAllocator memory) {
        return ByteBufUtil.writeAscii(memory, "HTTP/1.1 100 Continue\r\n\r\n");
    }

    /**
     * Writes an answer.
     *
     * @param stays whether the connection stays open
     */
    static ByteBuf write(ByteBufAllocator memory, HttpRequest asked, Reply answer, boolean stays) {
        String encoding = Folding.accepted(asked.headers().get(HttpHeaderNames.ACCEPT_ENCODING), answer.length());
        byte[] folded = encoding == null ? null : Folding.fold(encoding, whole(answer));
        int length = folded == null ? answer.length() : folded.length;
        ByteBuf to = memory.ioBuffer(HEADERS + length);
        ascii(to, "HTTP/1.1 ");
        HttpResponseStatus status = HttpResponseStatus.valueOf(answer.status());
        ascii(to, status.codeAsText());
        ascii(to, " ");
        ascii(to, status.reasonPhrase());
        ascii(to, END);
        header(to, HttpHeaderNames.CONTENT_TYPE, answer.type());
        ascii(to, HttpHeaderNames.CONTENT_LENGTH);
        ascii(to, ": ");
        decimal(to, length);
        ascii(to, END);
        if (encoding != null) {
            header(to, HttpHeaderNames.CONTENT_ENCODING, encoding);
        }
        ascii(to, answer.headers());
        String connection = connection(asked, stays);
        if (connection != null) {
            header(to, HttpHeaderNames.CONNECTION, connection);
        }
        ascii(to, END);
        if (asked.method().equals(HttpMethod.HEAD)) {
            return to;
        }
        return folded == null ? content(to, answer) : to.writeBytes(folded);
    }

    private static ByteBuf content(ByteBuf to, Reply answer) {
        to.writeBytes(answer.text());
        if (answer.numbers() != null) {
            answer.numbers().write(to);
        }
        return to;
    }

    private static byte[] whole(Reply answer) {
        byte[] whole = new byte[answer.length()];
        content(Unpooled.wrappedBuffer(whole).clear(), answer);
        return whole;
    }

    /** What is not clear by itself. */
    private static @Nullable String connection(HttpRequest asked, boolean stays) {
        if (!stays) {
            return "close";
        }
        return asked.protocolVersion().equals(HttpVersion.HTTP_1_0) ? "keep-alive" : null;
    }

    private static void header(ByteBuf to, CharSequence name, String value) {
        ascii(to, name);
        ascii(to, ": ");
        ascii(to, value);
        ascii(to, END);
    }

    private static void decimal(ByteBuf to, int number) {
        if (number > 9) {
            decimal(to, number / 10);
        }
        to.writeByte('0' + number % 10);
    }

    private static void ascii(ByteBuf to, CharSequence text) {
        ByteBufUtil.writeAscii(to, text);
    }
}
