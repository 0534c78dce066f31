package dev.fluxion.serving;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells a listener what happens, whatever it throws. */
final class Reporting {
    private static final Logger LOG = LoggerFactory.getLogger(Reporting.class);

    private final ServingListener listener;
    private final AtomicBoolean failed = new AtomicBoolean();

    Reporting(ServingListener listener) {
        this.listener = listener;
    }

    void asked() {
        if (listener != ServingListener.NONE) {
            tell(ServingListener::asked);
        }
    }

    void answered(int samples, long queueNanos, long computeNanos) {
        if (listener != ServingListener.NONE) {
            tell(to -> to.answered(samples, queueNanos, computeNanos));
        }
    }

    void computed(int requests, int samples, long computeNanos) {
        if (listener != ServingListener.NONE) {
            tell(to -> to.computed(requests, samples, computeNanos));
        }
    }

    void refused(Refusal why) {
        if (listener != ServingListener.NONE) {
            tell(to -> to.refused(why));
        }
    }

    private void tell(Consumer<ServingListener> what) {
        try {
            what.accept(listener);
        } catch (RuntimeException | Error e) {
            if (failed.compareAndSet(false, true)) {
                LOG.warn(Errors.listenerFailed(), e);
            } else {
                LOG.debug(Errors.listenerFailed(), e);
            }
        }
    }
}
