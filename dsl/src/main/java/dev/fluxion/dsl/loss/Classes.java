package dev.fluxion.dsl.loss;

import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Functions that losses over classes share. */
final class Classes {
    private Classes() {}

    /** The axis of the classes: 1, or the only axis of a single sample's logits. */
    static int axis(Shape output) {
        if (output.rank() == 0) {
            throw new ShapeException(Errors.noClasses(output));
        }
        return output.rank() == 1 ? 0 : 1;
    }

    /** The shape N×C of outputs that are rows or a single row C. */
    static Shape requireRows(Shape output) {
        if (output.rank() != 1 && output.rank() != 2) {
            throw new ShapeException(Errors.noRows(output));
        }
        return output.rank() == 2 ? output : Shape.of(1, output.dim(0));
    }

    static void requireWeightCount(Shape output, List<Double> weights) {
        int classes = output.dim(axis(output));
        if (!weights.isEmpty() && weights.size() != classes) {
            throw new ShapeException(Errors.weightCount(classes, weights.size()));
        }
    }

    /** Numbers per class times the weight of their class. */
    static Expr weighted(Expr perClass, List<Double> weights, int axis) {
        if (weights.isEmpty()) {
            return perClass;
        }
        int[] dims = new int[perClass.shape().rank()];
        Arrays.fill(dims, 1);
        dims[axis] = weights.size();
        return perClass.mul(vector(weights).reshape(dims));
    }

    /** A vector of constants; each run of equal numbers is one broadcast constant. */
    static Expr vector(List<Double> numbers) {
        List<Expr> parts = new ArrayList<>();
        int from = 0;
        for (int i = 1; i <= numbers.size(); i++) {
            if (i == numbers.size() || !numbers.get(i).equals(numbers.get(from))) {
                parts.add(Expr.constant(numbers.get(from)).broadcastTo(Shape.of(i - from)));
                from = i;
            }
        }
        return Expr.concat(0, parts);
    }

    static String text(List<Double> weights) {
        return text("weights", weights);
    }

    static String text(String option, List<Double> weights) {
        double[] numbers = weights.stream().mapToDouble(w -> w).toArray();
        return weights.isEmpty() ? "" : "." + option + "(" + Text.list(numbers) + ")";
    }
}
