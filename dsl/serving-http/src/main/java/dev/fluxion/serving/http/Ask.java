package dev.fluxion.serving.http;

import dev.fluxion.serving.Burst;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request.
 *
 * @param method GET or POST; HEAD is taken for GET
 * @param path the parts of the path, decoded
 * @param headers the headers
 * @param body the content, which may be read until the call that gets it returns
 * @param reader reads what the requests of the connection ask of models
 * @param burst the requests of models that came at the same time
 */
record Ask(String method, List<String> path, HttpHeaders headers, ByteBuffer body, RequestReader reader, Burst burst) {
    /** The value of a header, if it is there. */
    @Nullable
    String header(CharSequence name) {
        return headers.get(name);
    }

    /** The whole body. */
    byte[] bytes() {
        byte[] all = new byte[body.remaining()];
        body.slice().get(all);
        return all;
    }

    void require(String wanted) {
        if (!method.equals(wanted)) {
            throw Errors.wrongMethod(wanted);
        }
    }
}
