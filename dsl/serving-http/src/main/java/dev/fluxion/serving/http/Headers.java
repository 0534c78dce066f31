package dev.fluxion.serving.http;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** Reads headers of which there may be one. */
final class Headers {
    private Headers() {}

    /**
     * The value of a header, if it is there.
     *
     * @throws HttpFault if it is there twice, and others might take the other value
     */
    static @Nullable String only(HttpHeaders headers, CharSequence name) {
        String value = headers.get(name);
        if (value != null) {
            Iterator<String> values = headers.valueStringIterator(name);
            values.next();
            if (values.hasNext()) {
                throw Errors.twice(name.toString());
            }
        }
        return value;
    }
}
