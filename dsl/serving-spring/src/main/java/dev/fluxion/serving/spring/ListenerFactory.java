package dev.fluxion.serving.spring;

import dev.fluxion.serving.Models;
import dev.fluxion.serving.ServingListener;

/** Makes the listener of each model. A bean of this type replaces the meters. */
@FunctionalInterface
public interface ListenerFactory {
    /**
     * The listener of a model.
     *
     * @param model its name
     * @param models where it is going to be loaded
     */
    ServingListener listener(String model, Models models);
}
