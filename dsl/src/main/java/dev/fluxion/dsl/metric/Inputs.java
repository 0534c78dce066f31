package dev.fluxion.dsl.metric;

import dev.fluxion.Tally;
import dev.fluxion.Tensor;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Given;

/** Checks what metrics are given. */
final class Inputs {
    private Inputs() {}

    static void require(String metric, Tensor output, Tensor target) {
        Given.require(metric, "the output", output);
        Given.require(metric, "the target", target);
    }

    /** Requires floating-point targets of the outputs' shape. */
    static void requireAlike(String metric, Tensor output, Tensor target, String targets) {
        require(metric, output, target);
        if (output.dtype() != DType.FLOAT
                || target.dtype() != DType.FLOAT
                || !target.shape().equals(output.shape())) {
            throw new IllegalArgumentException(Errors.targets(metric, targets, output, target));
        }
    }

    /** Another tally, if it is of the same metric. */
    static <T extends Tally> T same(String metric, Class<T> type, Tally other) {
        Given.require(metric, "the other tally", other);
        if (!type.isInstance(other)) {
            throw new IllegalArgumentException(Errors.otherTally(metric));
        }
        return type.cast(other);
    }
}
