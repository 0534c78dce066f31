package dev.fluxion.serving.http;

import java.util.Map;

/** Why a request is answered with an error, and with which. */
final class HttpFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final transient Map<String, String> headers;

    /** Without a stack trace, which a client who errs is not worth. */
    HttpFault(int status, String message, Map<String, String> headers) {
        super(message, null, false, false);
        this.status = status;
        this.headers = headers;
    }

    /** The answer. */
    Reply reply() {
        return Reply.error(status, String.valueOf(getMessage()), headers);
    }
}
