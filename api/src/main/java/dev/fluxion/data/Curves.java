package dev.fluxion.data;

/** Smooth curves as chains of short lines. A chain is x, y, x, y, … */
final class Curves {
    private static final int STEPS = 5;

    private Curves() {}

    /**
     * A uniform Catmull-Rom spline through the points. A point given twice in a row makes a corner.
     */
    static double[] through(double[] points) {
        int spans = points.length / 2 - 1;
        double[] chain = new double[2 * (spans * STEPS + 1)];
        int n = 0;
        for (int span = 0; span < spans; span++) {
            for (int step = 0; step < STEPS; step++) {
                double t = step / (double) STEPS;
                chain[n++] = at(points, span, 0, t);
                chain[n++] = at(points, span, 1, t);
            }
        }
        chain[n++] = points[points.length - 2];
        chain[n] = points[points.length - 1];
        return chain;
    }

    private static double at(double[] points, int span, int axis, double t) {
        double a = coordinate(points, span - 1, axis);
        double b = coordinate(points, span, axis);
        double c = coordinate(points, span + 1, axis);
        double d = coordinate(points, span + 2, axis);
        return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
    }

    private static double coordinate(double[] points, int index, int axis) {
        return points[2 * Math.max(0, Math.min(index, points.length / 2 - 1)) + axis];
    }
}
