package dev.fluxion.engine.update;

import dev.fluxion.engine.error.Errors;

/** A training step must not change its parameters: a number is NaN or infinite. The message says which. */
public final class Diverged extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Diverged(long step, String what, float value) {
        super(Errors.diverged(step, what, value), null, false, false);
    }
}
