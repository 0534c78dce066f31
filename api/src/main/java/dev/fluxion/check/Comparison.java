package dev.fluxion.check;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Value;
import dev.fluxion.ir.ValueException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** One run of a gradient check. */
final class Comparison {
    private static final String WEIGHTS = "weights of the gradient check";

    private final GradCheck check;
    private final RandomGenerator random;
    private final Interpreter interpreter = new Interpreter();
    private final Value weights;
    private final Expr objective;
    private final double magnitude;
    private final List<Report.Derivative> checked = new ArrayList<>();
    private final List<String> skipped = new ArrayList<>();

    Comparison(GradCheck check) {
        this.check = check;
        this.random = new SplittableRandom(check.seed());
        interpreter.seed(check.seed());
        check.values().forEach(interpreter::bind);
        Shape shape = check.expr().shape();
        this.weights = new Value(shape, weights(shape.size()));
        interpreter.bind(WEIGHTS, weights);
        this.objective = check.expr().mul(Expr.input(WEIGHTS, shape)).sum();
        this.magnitude = magnitude();
    }

    /** Random signs and sizes away from 0; of a single number, 1, so that the report shows its own derivatives. */
    private double[] weights(int size) {
        double[] w = new double[size];
        Arrays.setAll(w, i -> size == 1 ? 1 : (random.nextBoolean() ? 1 : -1) * random.nextDouble(0.5, 1.5));
        return w;
    }

    Report report() {
        return new Report(checked, skipped, check.tolerance());
    }

    /** Compares the derivatives by one input or parameter. */
    void compare(String name) {
        Value at = interpreter.value(name);
        double[] gradient =
                interpreter.evaluate(check.gradient(objective, name)).data();
        double[] scale =
                Arrays.stream(at.data()).map(x -> Math.max(1, Math.abs(x))).toArray();
        if (check.directions() == 0) {
            double largest = 0;
            for (int i = 0; i < scale.length; i++) {
                double size = Math.abs(gradient[i] * scale[i]);
                largest = Double.isFinite(size) ? Math.max(largest, size) : largest;
            }
            for (int i = 0; i < scale.length; i++) {
                double[] direction = new double[scale.length];
                direction[i] = scale[i];
                String place = at.shape().rank() == 0 ? name : name + Arrays.toString(index(i, at.shape()));
                compare(name, at, place, direction, gradient[i] * scale[i], largest, scale[i]);
            }
            return;
        }
        for (int d = 0; d < check.directions() && scale.length > 0; d++) {
            double[] direction = new double[scale.length];
            double derived = 0;
            double norm = 0;
            for (int i = 0; i < scale.length; i++) {
                direction[i] = random.nextDouble(-1, 1) * scale[i];
                derived += gradient[i] * direction[i];
                norm = Math.hypot(norm, gradient[i] * direction[i]);
            }
            compare(name, at, name + " along direction " + d, direction, derived, norm, 1);
        }
    }

    private void compare(
            String name, Value at, String place, double[] direction, double derived, double typical, double unit) {
        double floor = (Double.isFinite(typical) ? 1e-3 * typical : 0) + 1e-4 * magnitude + Double.MIN_NORMAL;
        OptionalDouble slope = Slope.at0(t -> moved(name, at, direction, t), 0.1 * check.tolerance(), floor);
        interpreter.bind(name, at);
        if (slope.isEmpty()) {
            skipped.add(place);
            return;
        }
        double numeric = slope.getAsDouble();
        double larger = Math.max(Math.max(Math.abs(derived), Math.abs(numeric)), floor);
        double error = Math.abs(derived - numeric) / larger;
        checked.add(new Report.Derivative(
                place, derived / unit, numeric / unit, Double.isNaN(error) ? Double.POSITIVE_INFINITY : error));
    }

    /** The objective with one value moved; NaN where the expression rejects it. */
    private double moved(String name, Value at, double[] direction, double t) {
        double[] data = at.data().clone();
        for (int i = 0; i < data.length; i++) {
            data[i] += t * direction[i];
        }
        interpreter.bind(name, new Value(at.shape(), data));
        try {
            return interpreter.evaluate(objective).item();
        } catch (ValueException e) {
            return Double.NaN;
        }
    }

    /** The sum of the sizes of what the objective adds, to which rounding errors are relative. */
    private double magnitude() {
        double[] y = interpreter.evaluate(check.expr()).data();
        double sum = 0;
        for (int i = 0; i < y.length; i++) {
            sum += Math.abs(y[i] * weights.data()[i]);
        }
        return sum;
    }

    private static int[] index(int offset, Shape shape) {
        int[] index = shape.strides();
        for (int i = 0; i < index.length; i++) {
            index[i] = offset / index[i] % shape.dim(i);
        }
        return index;
    }
}
