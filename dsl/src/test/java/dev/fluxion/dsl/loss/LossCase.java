package dev.fluxion.dsl.loss;

import dev.fluxion.MultiLoss;
import dev.fluxion.check.GradCheck;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Value;
import java.util.Arrays;
import java.util.List;

/**
 * A loss, inputs, the value by plain loops, and the call of the same in PyTorch: an expression over the inputs {@code x0},
 * {@code x1} … and the reduction {@code r}; empty where PyTorch has nothing to say.
 */
record LossCase(MultiLoss loss, List<Value> inputs, double[] expected, String torch) {
    static LossCase of(MultiLoss loss, double[] expected, String torch, Value... inputs) {
        return new LossCase(loss, List.of(inputs), expected, torch);
    }

    /** The reduction of losses, the first axis of which has an extent; 0 if they have no axis. */
    static double[] reduced(double[] each, LossReduction reduction, double divisor, int batch) {
        double sum = 0;
        for (double e : each) {
            sum += e;
        }
        return switch (reduction) {
            case NONE -> each;
            case SUM -> new double[] {sum};
            case MEAN -> new double[] {sum / divisor};
            case BATCH_MEAN -> new double[] {batch == 0 ? sum : sum / batch};
        };
    }

    /** The inputs as expressions {@code x0}, {@code x1} …. */
    Expr[] leaves() {
        Expr[] leaves = new Expr[inputs.size()];
        Arrays.setAll(leaves, i -> Expr.input("x" + i, inputs.get(i).shape(), loss.type(i)));
        return leaves;
    }

    Value value() {
        Interpreter interpreter = new Interpreter();
        for (int i = 0; i < inputs.size(); i++) {
            interpreter.bind("x" + i, inputs.get(i));
        }
        return interpreter.evaluate(loss.apply(leaves()));
    }

    GradCheck check() {
        GradCheck check = GradCheck.of(loss.apply(leaves()));
        for (int i = 0; i < inputs.size(); i++) {
            check = check.with("x" + i, inputs.get(i));
        }
        return check;
    }

    Evaluation evaluate() {
        return Evaluation.of(loss, inputs.toArray(Value[]::new));
    }

    @Override
    public String toString() {
        return loss + " of " + inputs + ", expected " + Arrays.toString(expected);
    }

    /** Makes a random case with a reduction. */
    @FunctionalInterface
    interface Maker {
        LossCase make(Draw draw, LossReduction reduction);
    }

    /** One setting of a loss's options. */
    record Variant(String options, boolean differentiable, Maker maker) {
        static Variant of(String options, Maker maker) {
            return new Variant(options, true, maker);
        }

        /** A setting whose gradient is by definition not the derivative of the value. */
        static Variant defined(String options, Maker maker) {
            return new Variant(options, false, maker);
        }

        @Override
        public String toString() {
            return options;
        }
    }

    /** A loss of the catalogue. */
    record Row(String name, List<Variant> variants) {
        static Row of(String name, Variant... variants) {
            return new Row(name, List.of(variants));
        }

        @Override
        public String toString() {
            return name;
        }
    }
}
