package dev.fluxion.dsl.loss;

import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Normalised;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import dev.fluxion.ir.UnaryFn;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;

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

    /** Warns if the logits of a loss come from a softmax or sigmoid, which the loss applies itself. */
    static void expectLogits(Logger log, Object loss, CallSite callSite, Expr output, String itself) {
        String made = madeOfProbabilities(output);
        if (!made.isEmpty()) {
            log.warn(Errors.probabilitiesForLogits(loss, callSite, made, itself));
        }
    }

    /** The layer or function that made the output, if it makes probabilities; else empty. */
    static String madeOfProbabilities(Expr output) {
        Expr e = output;
        while (e.op() instanceof Movement.Reshape) {
            e = e.input(0);
        }
        boolean sigmoid = e.op() instanceof Elementwise.Unary unary && unary.fn() == UnaryFn.SIGMOID;
        if (!sigmoid && !(e.op() instanceof Normalised.Softmax)) {
            return "";
        }
        return e.origin().isEmpty() ? e.op().toString() : e.origin();
    }

    static String text(List<Double> weights) {
        return text("weights", weights);
    }

    static String text(String option, List<Double> weights) {
        double[] numbers = weights.stream().mapToDouble(w -> w).toArray();
        return weights.isEmpty() ? "" : "." + option + "(" + Text.list(numbers) + ")";
    }
}
