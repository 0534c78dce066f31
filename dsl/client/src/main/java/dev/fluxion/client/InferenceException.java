package dev.fluxion.client;

/** The server did not answer a request. The message is that of the server. */
public final class InferenceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;

    InferenceException(int status, String message) {
        super(message);
        this.status = status;
    }

    /** The status of HTTP: 503 if another attempt may succeed, 400 and the like if the request was wrong. */
    public int status() {
        return status;
    }
}
