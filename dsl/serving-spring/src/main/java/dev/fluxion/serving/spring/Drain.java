package dev.fluxion.serving.spring;

import dev.fluxion.serving.Models;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;

/**
 * Closes the models when the application ends: after its web server and its message listeners, whose requests are answered
 * first. Spring waits for that as long as {@code spring.lifecycle.timeout-per-shutdown-phase} says.
 */
final class Drain implements SmartLifecycle {
    private final Models models;
    private final ConfigurableApplicationContext context;
    private volatile boolean running;

    Drain(Models models, ConfigurableApplicationContext context) {
        this.models = models;
        this.context = context;
    }

    @Override
    public void start() {
        running = true;
    }

    /** A context that is only stopped, as those that wait in the cache of Spring's tests, may be started again. */
    @Override
    public void stop() {
        if (!context.isActive()) {
            models.close();
        }
        running = false;
    }

    @Override
    public void stop(Runnable callback) {
        Thread drain = new Thread(
                () -> {
                    try {
                        stop();
                    } finally {
                        callback.run();
                    }
                },
                "fluxion-drain");
        drain.setDaemon(true);
        drain.start();
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** Before anything that makes requests begins, and after all of it has ended. */
    @Override
    public int getPhase() {
        return 0;
    }
}
