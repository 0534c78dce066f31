package dev.fluxion.serving.http;

import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpHeadersFactory;

/** Fields after the last chunk of a body, which nobody reads: all requests have these, which forget them. */
final class NoTrailers extends EmptyHttpHeaders {
    private static final NoTrailers NONE = new NoTrailers();

    static final HttpHeadersFactory FACTORY = new HttpHeadersFactory() {
        @Override
        public HttpHeaders newHeaders() {
            return NONE;
        }

        @Override
        public HttpHeaders newEmptyHeaders() {
            return NONE;
        }
    };

    private NoTrailers() {}

    @Override
    public HttpHeaders add(CharSequence name, Object value) {
        return this;
    }

    @Override
    public HttpHeaders add(String name, Object value) {
        return this;
    }
}
