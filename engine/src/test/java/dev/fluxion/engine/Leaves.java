package dev.fluxion.engine;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Value;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** Inputs and parameters with normally distributed values, as exact as floats are. */
final class Leaves {
    final Map<String, Value> values = new LinkedHashMap<>();

    private final Random random = new Random(5);
    private final double spread;

    /** Leaves whose parameters have a standard deviation; that of inputs is 1. */
    Leaves(double spread) {
        this.spread = spread;
    }

    Expr input(String name, int... dims) {
        return bound(name, Expr.input(name, Shape.of(dims)), 1);
    }

    Expr parameter(String name, int... dims) {
        return bound(name, Expr.parameter(name, Shape.of(dims)), spread);
    }

    Expr buffer(String name, int... dims) {
        return bound(name, Expr.buffer(name, Shape.of(dims)), spread);
    }

    /** A leaf with values of a standard deviation of its own. */
    Expr bound(String name, Expr leaf, double deviation) {
        double[] data = new double[leaf.shape().size()];
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) (deviation * random.nextGaussian());
        }
        values.put(name, new Value(leaf.shape(), data));
        return leaf;
    }
}
