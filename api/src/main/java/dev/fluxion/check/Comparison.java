package dev.fluxion.check;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Value;
import dev.fluxion.ir.ValueException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** One run of a gradient check. */
final class Comparison {
    private static final String WEIGHTS = "weights of the gradient check";

    private final GradCheck check;
    private final RandomGenerator random;
    private final Interpreter interpreter = new Interpreter();
    private final Value weights;
    private final Expr outer;
    private final Expr objective;
    private final double magnitude;
    private final double noise;
    private final List<Report.Entry> checked = new ArrayList<>();
    private final List<Report.Skipped> skipped = new ArrayList<>();

    Comparison(GradCheck check) {
        this.check = check;
        this.random = new SplittableRandom(check.seed());
        interpreter.seed(check.seed());
        check.bindings().forEach(interpreter::bind);
        Shape shape = check.expr().shape();
        this.weights = new Value(shape, weights(shape.size()));
        interpreter.bind(WEIGHTS, weights);
        this.outer = Expr.input(WEIGHTS, shape);
        this.objective = check.expr().mul(outer).sum();
        this.magnitude = magnitude();
        this.noise = Rounding.of(objective, check.variables(), interpreter);
    }

    /** Random signs and sizes away from 0; of a single number, ±2, by which the report divides without rounding. */
    private double[] weights(int size) {
        double[] w = new double[size];
        Arrays.setAll(w, i -> (random.nextBoolean() ? 1 : -1) * (size == 1 ? 2 : random.nextDouble(0.5, 1.5)));
        return w;
    }

    Report report() {
        return new Report(Report.Kind.GRADIENT, check.expr().origin(), checked, skipped, check.tolerance());
    }

    /** Compares the derivatives by one input or parameter. */
    void compare(String name) {
        Variable variable = new Variable(name);
        int size = variable.scale.length;
        if (check.directions() == 0) {
            for (int i = 0; i < size; i++) {
                compare(variable, i);
            }
            return;
        }
        for (int d = 0; d < check.directions() && size > 0; d++) {
            double[] direction = new double[size];
            Arrays.setAll(direction, i -> random.nextDouble(-1, 1) * variable.scale[i]);
            double derived = variable.along(direction);
            Slope slope = slope(variable, direction, variable.norm(direction));
            double unit = weights.data().length == 1 ? weights.item() : 1;
            if (!compare(name + " along direction " + d, derived, slope, variable.norm(direction), unit)) {
                compare(variable, worst(variable, direction, 0, size));
            }
        }
    }

    private void compare(Variable variable, int i) {
        double[] direction = new double[variable.scale.length];
        direction[i] = variable.scale[i];
        String place = variable.at.shape().rank() == 0
                ? variable.name
                : variable.name + Arrays.toString(index(i, variable.at.shape()));
        double unit = direction[i] * (weights.data().length == 1 ? weights.item() : 1);
        Slope slope = slope(variable, direction, variable.largest);
        compare(place, variable.gradient[i] * direction[i], slope, variable.largest, unit);
    }

    /** Records a derivative; returns whether it is right, as far as can be told. One that is not finite never is. */
    private boolean compare(String place, double derived, Slope slope, double typical, double unit) {
        if (slope.kind() != Slope.Kind.SMOOTH && Double.isFinite(derived) && !check.smooth()) {
            skipped.add(new Report.Skipped(
                    place, reason(slope.kind()), derived / unit, slope.left() / unit, slope.right() / unit));
            return true;
        }
        double numeric = slope.value();
        double small = Math.max(floor(typical), slope.doubt() / accuracy());
        double larger = Math.max(Math.max(Math.abs(derived), Math.abs(numeric)), small);
        double error = Math.abs(derived - numeric) / larger;
        checked.add(new Report.Entry(
                place, derived / unit, numeric / unit, Double.isNaN(error) ? Double.POSITIVE_INFINITY : error));
        return error <= check.tolerance();
    }

    private static Report.Reason reason(Slope.Kind kind) {
        return switch (kind) {
            case KINK -> Report.Reason.KINK;
            case UNDEFINED -> Report.Reason.UNDEFINED;
            case ROUGH, SMOOTH -> Report.Reason.ROUGH;
        };
    }

    /** The element of a direction that contributes most to its error, found by bisection. */
    private int worst(Variable variable, double[] direction, int from, int to) {
        if (to - from == 1) {
            return from;
        }
        int middle = (from + to) >>> 1;
        return error(variable, direction, from, middle) >= error(variable, direction, middle, to)
                ? worst(variable, direction, from, middle)
                : worst(variable, direction, middle, to);
    }

    private double error(Variable variable, double[] direction, int from, int to) {
        double[] part = new double[direction.length];
        System.arraycopy(direction, from, part, from, to - from);
        double derived = variable.along(part);
        if (!Double.isFinite(derived)) {
            return Double.POSITIVE_INFINITY;
        }
        Slope slope = slope(variable, part, variable.norm(direction));
        return slope.kind() == Slope.Kind.SMOOTH ? Math.abs(derived - slope.value()) : 0;
    }

    private Slope slope(Variable variable, double[] direction, double typical) {
        Slope slope = Slope.at0(t -> moved(variable, direction, t), accuracy(), floor(typical), noise);
        interpreter.bind(variable.name, variable.at);
        return slope;
    }

    /** The accuracy that differences must reach. */
    private double accuracy() {
        return 0.1 * check.tolerance();
    }

    /** The size below which a derivative counts as small, from its typical size and the effect of rounding. */
    private double floor(double typical) {
        double audible = 0x1p12 * noise / accuracy();
        return (Double.isFinite(typical) ? 1e-3 * typical : 0) + 1e-4 * magnitude + audible + Double.MIN_NORMAL;
    }

    /** The objective with one value moved; NaN where the expression rejects it. */
    private double moved(Variable variable, double[] direction, double t) {
        double[] data = variable.at.data().clone();
        for (int i = 0; i < data.length; i++) {
            data[i] += t * direction[i];
        }
        interpreter.bind(variable.name, new Value(variable.at.shape(), data));
        try {
            return interpreter.evaluate(objective).item();
        } catch (ValueException e) {
            return Double.NaN;
        }
    }

    /** The sum of the absolute values of the objective's terms, to which rounding errors are relative. */
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

    /** An input or parameter with its gradient. */
    private final class Variable {
        private final String name;
        private final Value at;
        private final double[] gradient;
        /** A large change of each element. */
        private final double[] scale;
        /** The largest change of the objective caused by a large change of one element. */
        private final double largest;

        Variable(String name) {
            this.name = name;
            this.at = interpreter.value(name);
            this.gradient = interpreter.evaluate(check.backward(name, outer)).data();
            this.scale =
                    Arrays.stream(at.data()).map(x -> Math.max(1, Math.abs(x))).toArray();
            double most = 0;
            for (int i = 0; i < scale.length; i++) {
                double change = Math.abs(gradient[i] * scale[i]);
                most = Double.isFinite(change) ? Math.max(most, change) : most;
            }
            this.largest = most;
        }

        double along(double[] direction) {
            double sum = 0;
            for (int i = 0; i < direction.length; i++) {
                sum += direction[i] == 0 ? 0 : gradient[i] * direction[i];
            }
            return sum;
        }

        /** The typical size of a derivative along a direction. */
        double norm(double[] direction) {
            double norm = 0;
            for (int i = 0; i < direction.length; i++) {
                norm = Math.hypot(norm, gradient[i] * direction[i]);
            }
            return norm;
        }
    }
}
