package dev.fluxion.dsl.train;

/** A listener of a training has thrown something, which is the cause. The training's state is that after the step. */
public final class ListenerException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ListenerException(String message, RuntimeException cause) {
        super(message, cause);
    }
}
