package dev.fluxion.serving.grpc;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The streams that are open. A client may keep one for as long as it likes, so they are ended when the server closes. */
final class Streams {
    private final Set<StreamCall> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closing;

    void began(StreamCall stream) {
        open.add(stream);
        if (closing) {
            stream.endWhenAnswered();
        }
    }

    void ended(StreamCall stream) {
        open.remove(stream);
    }

    /** Ends each one when what has come by then is answered. */
    void close() {
        closing = true;
        open.forEach(StreamCall::endWhenAnswered);
    }
}
