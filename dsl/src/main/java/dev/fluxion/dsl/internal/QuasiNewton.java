package dev.fluxion.dsl.internal;

import dev.fluxion.dsl.internal.LineSearch.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * L-BFGS (Liu and Nocedal, "On the limited memory BFGS method for large scale optimization", 1989), with PyTorch's rules for the
 * first step, for what is remembered and for when to stop. It knows a flat vector and its loss, and nothing of nets.
 */
public final class QuasiNewton {
    /** Pairs with a smaller product of step and change of the gradient are not remembered. */
    private static final double LEAST_CURVATURE = 1e-10;

    private final Limits limits;
    private final DoubleUnaryOperator rounding;
    private Memory memory = Memory.NONE;

    /**
     * When a step ends.
     *
     * @param iterations how many iterations it has at most
     * @param evaluations behind how many evaluations of the loss it ends, 0 for a quarter more than iterations
     * @param gradient it ends where no element of the gradient is larger
     * @param change it ends where the loss, or each element, changes by no more
     * @param history how many pairs are remembered
     * @param searches whether each iteration searches along its direction, or goes by the learning rate
     */
    public record Limits(
            int iterations, int evaluations, double gradient, double change, int history, boolean searches) {
        long most() {
            return evaluations == 0 ? iterations * 5L / 4 : evaluations;
        }
    }

    /** A loss. */
    @FunctionalInterface
    public interface Objective {
        /**
         * The loss at a point.
         *
         * @param gradient is given the gradient there
         */
        double at(double[] point, double[] gradient);
    }

    /** A step and how the gradient changed along it. */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares pairs
    public record Pair(double[] change, double[] step) {}

    /**
     * What is known from earlier iterations.
     *
     * @param iterations how many there were
     * @param length how far along its direction the last one went
     * @param direction its direction
     * @param gradient the gradient before it
     * @param pairs the last steps, oldest first
     */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares memories
    public record Memory(long iterations, double length, double[] direction, double[] gradient, List<Pair> pairs) {
        /** Before the first iteration. */
        public static final Memory NONE = new Memory(0, 0, new double[0], new double[0], List.of());
    }

    /**
     * Nothing is known at first.
     *
     * @param rounding what becomes of each number that is stored
     */
    public QuasiNewton(Limits limits, DoubleUnaryOperator rounding) {
        this.limits = limits;
        this.rounding = rounding;
    }

    /** What is known. The arrays are not changed any more. */
    public Memory memory() {
        return memory;
    }

    /** Goes on with what was known. */
    public void memory(Memory other) {
        memory = other;
    }

    /**
     * Moves a point.
     *
     * @return the loss where it was
     */
    public double step(double[] point, double rate, Objective objective) {
        int[] evaluations = {0};
        Objective counted = (x, g) -> {
            evaluations[0]++;
            return objective.at(x, g);
        };
        double[] gradient = new double[point.length];
        double first = counted.at(point, gradient);
        double loss = first;
        if (largest(gradient, 1) <= limits.gradient) {
            return first;
        }
        for (int i = 1; i <= limits.iterations; i++) {
            List<Pair> pairs = remembered(gradient);
            double[] direction = direction(gradient, pairs);
            boolean begins = memory.iterations == 0;
            double length = begins ? Math.min(1, 1 / sum(gradient)) * rate : rate;
            double slope = dot(gradient, direction);
            memory = new Memory(memory.iterations + 1, length, direction, gradient, pairs);
            if (slope > -limits.change) {
                break;
            }
            double before = loss;
            double[] start = point.clone();
            Point here = new Point(0, loss, gradient, slope);
            Point next = limits.searches
                    ? search(counted, start, here, direction, length, (int) (limits.most() - evaluations[0]))
                    : new Point(length, loss, gradient, slope);
            move(start, next.length(), direction, point);
            if (!limits.searches && i < limits.iterations) {
                next = at(counted, point, direction, length);
            }
            memory = new Memory(memory.iterations, next.length(), direction, gradient, pairs);
            loss = next.loss();
            gradient = next.gradient();
            if (evaluations[0] >= limits.most()
                    || largest(gradient, 1) <= limits.gradient
                    || largest(direction, next.length()) <= limits.change
                    || Math.abs(loss - before) < limits.change) {
                break;
            }
        }
        return first;
    }

    private Point search(Objective objective, double[] start, Point here, double[] direction, double length, int most) {
        double[] point = new double[start.length];
        LineSearch.Line line = far -> {
            move(start, far, direction, point);
            return at(objective, point, direction, far);
        };
        double least = limits.change / largest(direction, 1);
        return new LineSearch(line, here, most, least).from(length);
    }

    private static Point at(Objective objective, double[] point, double[] direction, double length) {
        double[] gradient = new double[point.length];
        double loss = objective.at(point, gradient);
        return new Point(length, loss, gradient, dot(gradient, direction));
    }

    private void move(double[] start, double length, double[] direction, double[] to) {
        for (int i = 0; i < to.length; i++) {
            to[i] = rounding.applyAsDouble(start[i] + length * direction[i]);
        }
    }

    /** The pairs with that of the last iteration, where it is one to be remembered. */
    private List<Pair> remembered(double[] gradient) {
        if (memory.iterations == 0) {
            return List.of();
        }
        double[] change = new double[gradient.length];
        double[] step = new double[gradient.length];
        for (int i = 0; i < gradient.length; i++) {
            change[i] = rounding.applyAsDouble(gradient[i] - memory.gradient[i]);
            step[i] = rounding.applyAsDouble(memory.direction[i] * memory.length);
        }
        if (!(dot(change, step) > LEAST_CURVATURE)) {
            return memory.pairs;
        }
        List<Pair> pairs = new ArrayList<>(memory.pairs);
        while (pairs.size() >= limits.history) {
            pairs.remove(0);
        }
        pairs.add(new Pair(change, step));
        return List.copyOf(pairs);
    }

    /** The estimate of the inverse Hessian that the pairs make, times the gradient downwards. */
    private double[] direction(double[] gradient, List<Pair> pairs) {
        double[] d = new double[gradient.length];
        for (int i = 0; i < d.length; i++) {
            d[i] = -gradient[i];
        }
        double[] weights = new double[pairs.size()];
        for (int k = pairs.size() - 1; k >= 0; k--) {
            Pair pair = pairs.get(k);
            weights[k] = dot(pair.step, d) / dot(pair.change, pair.step);
            add(-weights[k], pair.change, d);
        }
        if (!pairs.isEmpty()) {
            Pair last = pairs.get(pairs.size() - 1);
            double scale = dot(last.change, last.step) / dot(last.change, last.change);
            for (int i = 0; i < d.length; i++) {
                d[i] *= scale;
            }
        }
        for (int k = 0; k < weights.length; k++) {
            Pair pair = pairs.get(k);
            add(weights[k] - dot(pair.change, d) / dot(pair.change, pair.step), pair.step, d);
        }
        for (int i = 0; i < d.length; i++) {
            d[i] = rounding.applyAsDouble(d[i]);
        }
        return d;
    }

    private static void add(double factor, double[] addend, double[] sum) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += factor * addend[i];
        }
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static double sum(double[] x) {
        double sum = 0;
        for (double each : x) {
            sum += Math.abs(each);
        }
        return sum;
    }

    private static double largest(double[] x, double factor) {
        double most = 0;
        for (double each : x) {
            most = Math.max(most, Math.abs(each * factor));
        }
        return most;
    }
}
