package dev.fluxion.serving.grpc;

import dev.fluxion.serving.protocol.Rush;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The requests that have come to each event loop at one time. */
final class Rushes {
    private final Map<EventExecutor, Rush> all = new LinkedHashMap<>();

    Rushes(EventLoopGroup loops) {
        loops.forEach(loop -> all.put(loop, new Rush(loop)));
    }

    /** Asks when all is read that has come by now to the event loop that calls; at once if none does. */
    void add(Runnable ask) {
        Rush rush = current();
        if (rush == null) {
            ask.run();
        } else {
            rush.add(ask);
        }
    }

    /** Those of the event loop that calls; null if none does. */
    @Nullable
    Rush current() {
        for (Map.Entry<EventExecutor, Rush> each : all.entrySet()) {
            if (each.getKey().inEventLoop()) {
                return each.getValue();
            }
        }
        return null;
    }
}
