package dev.fluxion.engine.store;

import dev.fluxion.Scope;
import dev.fluxion.engine.error.Errors;
import dev.fluxion.ir.Noise;
import dev.fluxion.ir.Shape;
import java.util.SplittableRandom;

/** Asks users' initializers for the first values of parameters. */
public final class FirstValues {
    private FirstValues() {}

    /**
     * The first value of a parameter.
     *
     * @throws IllegalArgumentException if its initializer fails, or gives a number that is not finite
     */
    public static float[] of(Scope.Parameter declared, long seed) {
        Shape shape = declared.expr().shape();
        float[] values = new float[shape.size()];
        long key = Noise.key(seed, 0, declared.name());
        try {
            declared.initializer().fill(values, shape, new SplittableRandom(key));
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(Errors.initializerFailed(declared.name(), e), e);
        }
        float[] own = values.clone();
        Checks.requireFinite(Errors.firstValue(declared.name()), own, shape);
        return own;
    }
}
