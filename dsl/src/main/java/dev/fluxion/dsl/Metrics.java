package dev.fluxion.dsl;

import dev.fluxion.Loss;
import dev.fluxion.Metric;
import dev.fluxion.Tensor;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Shape;

/** The metrics. */
public final class Metrics {
    private Metrics() {}

    /**
     * The part of the samples whose largest output, the first of equals or of NaN, is the one of the label. Outputs are N×C and labels
     * N, or N×C×d₁… and N×d₁…, where a sample counts by the part of its positions that are right.
     */
    public static Metric accuracy() {
        return new Accuracy();
    }

    /**
     * The mean of a loss over the batches, each weighted by the number of its samples: of a loss that is a mean over the
     * samples it is the mean over all of them. It has the name of the loss, as {@code mse()}. Penalties for large parameters
     * are no part of it. It is computed in double precision by the interpreter.
     */
    public static Metric mean(Loss loss) {
        Given.require("mean", "the loss", loss);
        return mean(Text.of(loss), loss);
    }

    /** The mean of a loss over the batches, as {@link #mean(Loss)}, with a name of its own, as {@code "mae"}. */
    public static Metric mean(String name, Loss loss) {
        Given.require("mean", "the name", name);
        return new Mean(name, Given.require("mean", "the loss", loss));
    }

    private static void requireBoth(String metric, Tensor output, Tensor target) {
        Given.require(metric, "the output", output);
        Given.require(metric, "the target", target);
    }

    private record Mean(String name, Loss loss) implements Metric {
        private static final String OUTPUT = "output";
        private static final String TARGET = "target";

        @Override
        public double sum(Tensor output, Tensor target) {
            requireBoth(name, output, target);
            Expr value = Applying.objective(
                    loss,
                    Expr.input(OUTPUT, output.shape(), output.dtype()),
                    Expr.input(TARGET, target.shape(), target.dtype()));
            Interpreter interpreter =
                    new Interpreter().bind(OUTPUT, output.toValue()).bind(TARGET, target.toValue());
            return interpreter.evaluate(value.mean()).item() * output.shape().dim(0);
        }
    }

    private record Accuracy() implements Metric {
        @Override
        public String name() {
            return "accuracy";
        }

        @Override
        public double sum(Tensor output, Tensor target) {
            requireBoth(name(), output, target);
            Shape shape = output.shape();
            if (shape.rank() < 2) {
                throw new IllegalArgumentException(Errors.outputsForAccuracy(shape));
            }
            if (target.dtype() != DType.INT || !target.shape().equals(shape.without(1))) {
                throw new IllegalArgumentException(Errors.labelsForAccuracy(shape.without(1), shape, target));
            }
            int classes = shape.dim(1);
            int positions = shape.without(0, 1).size();
            int[] labels = target.ints();
            int right = 0;
            for (int i = 0; i < labels.length; i++) {
                int base = i / positions * classes * positions + i % positions;
                right += largest(output.floats(), base, positions, classes) == labels[i] ? 1 : 0;
            }
            return positions == 0 ? 0 : (double) right / positions;
        }

        private static int largest(float[] data, int base, int step, int count) {
            int best = 0;
            for (int c = 1; c < count; c++) {
                float x = data[base + c * step];
                float largest = data[base + best * step];
                if (x > largest || Float.isNaN(x) && !Float.isNaN(largest)) {
                    best = c;
                }
            }
            return best;
        }
    }
}
