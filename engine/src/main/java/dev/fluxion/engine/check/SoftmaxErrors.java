package dev.fluxion.engine.check;

import dev.fluxion.ir.Shape;

/** How far float32 may be off after a softmax or its logarithm, given how far its operand may be off. */
final class SoftmaxErrors {
    /** The exponential function of less is 0 in float32, and less than half its smallest number in double precision. */
    private static final double LEAST = -104;

    private final Shape shape;
    private final int axis;
    private final double[] x;
    private final double[] error;

    SoftmaxErrors(Shape shape, int axis, double[] x, double[] error) {
        this.shape = shape;
        this.axis = axis;
        this.x = x;
        this.error = error;
    }

    /** Elements that vanish whatever roundings do, as behind a mask, are off by no more than the smallest number. */
    double[] softmax(double[] value) {
        double[] out = new double[x.length];
        lines((line, i) -> out[i] = line.vanishes(i)
                ? Float.MIN_VALUE
                : value[i]
                        * Math.expm1(error[i]
                                + line.error
                                + Roundings.U * Roundings.APPROXIMATE * (1 + Math.abs(x[i] - line.largest))
                                + Roundings.sum(line.length)));
        return out;
    }

    /** An infinity is exact if that of the operand is. */
    double[] logSoftmax(double[] value) {
        double[] out = new double[x.length];
        lines((line, i) -> out[i] = error[i] + line.error + Roundings.of(Roundings.FUNCTION, value[i], 0));
        return out;
    }

    private interface Action {
        void at(Line line, int index);
    }

    private void lines(Action action) {
        int length = shape.dim(axis);
        int step = shape.strides()[axis];
        for (int start = 0; start < x.length; start++) {
            if (start / step % length == 0) {
                Line line = new Line(start, step, length);
                for (int k = 0; k < length; k++) {
                    action.at(line, start + k * step);
                }
            }
        }
    }

    /** What is normalised together. Elements that vanish do not count in what its sum is off by. */
    private final class Line {
        final int length;
        final double largest;
        final double error;
        /** The least that float32 may take for the largest element. */
        private final double sure;

        Line(int start, int step, int length) {
            this.length = length;
            double most = Double.NEGATIVE_INFINITY;
            double least = Double.NEGATIVE_INFINITY;
            for (int k = 0; k < length; k++) {
                int i = start + k * step;
                most = Math.max(most, x[i]);
                least = Math.max(least, x[i] - SoftmaxErrors.this.error[i]);
            }
            largest = most;
            sure = least;
            double off = 0;
            for (int k = 0; k < length; k++) {
                int i = start + k * step;
                off = vanishes(i) ? off : Math.max(off, SoftmaxErrors.this.error[i]);
            }
            error = off;
        }

        boolean vanishes(int i) {
            return x[i] + SoftmaxErrors.this.error[i] - sure < LEAST;
        }
    }
}
