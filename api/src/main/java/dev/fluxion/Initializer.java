package dev.fluxion;

import dev.fluxion.ir.Shape;
import java.util.random.RandomGenerator;

/** Computes the initial value of a parameter. */
@FunctionalInterface
public interface Initializer {
    /**
     * Fills a parameter.
     *
     * @param values the elements to fill, row-major
     * @param shape the parameter's shape; of weights, outputs come first
     * @param random the only source of randomness, seeded per parameter
     */
    void fill(float[] values, Shape shape, RandomGenerator random);
}
