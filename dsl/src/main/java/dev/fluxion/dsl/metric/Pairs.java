package dev.fluxion.dsl.metric;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Shape;

/** Outputs and targets that are finite numbers, in the same shape. */
final class Pairs {
    private final Shape shape;
    private final float[] outputs;
    private final float[] targets;

    private Pairs(Tensor output, Tensor target) {
        this.shape = output.shape();
        this.outputs = output.floats();
        this.targets = target.floats();
    }

    static Pairs of(String metric, Tensor output, Tensor target) {
        Inputs.requireAlike(metric, output, target, "targets");
        Pairs pairs = new Pairs(output, target);
        for (int i = 0; i < pairs.count(); i++) {
            if (!Float.isFinite(pairs.outputs[i])) {
                throw new IllegalArgumentException(
                        Errors.outputIs(metric, pairs.shape, i, pairs.outputs[i], "a finite number"));
            }
            if (!Float.isFinite(pairs.targets[i])) {
                throw new IllegalArgumentException(
                        Errors.targetIs(metric, pairs.shape, i, pairs.targets[i], "a finite number"));
            }
        }
        return pairs;
    }

    Shape shape() {
        return shape;
    }

    int count() {
        return outputs.length;
    }

    double output(int element) {
        return outputs[element];
    }

    double target(int element) {
        return targets[element];
    }

    /** How many numbers a sample has. */
    int columns() {
        return shape.rank() < 2 || shape.dim(0) == 0 ? 1 : shape.size() / shape.dim(0);
    }
}
