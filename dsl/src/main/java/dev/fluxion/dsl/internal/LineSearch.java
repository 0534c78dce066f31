package dev.fluxion.dsl.internal;

/**
 * A search along a direction for a point that fulfils the strong Wolfe conditions: the loss has fallen by a part of what the slope
 * promised, and the slope is much flatter (Nocedal and Wright, "Numerical optimization", 2006, algorithms 3.5 and 3.6, with
 * cubic interpolation as in PyTorch).
 */
final class LineSearch {
    /** The part of the promised fall that is enough. */
    private static final double FALL = 1e-4;
    /** The part of the slope that may be left. */
    private static final double FLAT = 0.9;
    /** How near the ends of a bracket a trial may be, as a part of its length, before the next one is moved away from them. */
    private static final double EDGE = 0.1;

    private final Line line;
    private final Point start;
    private final int most;
    private final double least;
    private int tried;

    /** A loss along a direction. */
    interface Line {
        Point at(double length);
    }

    /** A point on the line: how far along it is, its loss, its gradient, and the slope along the line. */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares points
    record Point(double length, double loss, double[] gradient, double slope) {}

    /**
     * A search.
     *
     * @param start the point of length 0
     * @param most how many more points may be tried behind the first
     * @param least the length of a bracket that is not divided any more
     */
    LineSearch(Line line, Point start, int most, double least) {
        this.line = line;
        this.start = start;
        this.most = most;
        this.least = least;
    }

    /** The best point that is found, beginning with one of this length. */
    Point from(double length) {
        Point last = start;
        Point now = line.at(length);
        while (tried < most) {
            if (isHigh(now) || tried > 1 && now.loss >= last.loss) {
                return within(last, now);
            }
            if (isFlat(now)) {
                return now;
            }
            if (now.slope >= 0) {
                return within(last, now);
            }
            double next = lowest(last, now, now.length + 0.01 * (now.length - last.length), 10 * now.length);
            last = now;
            now = tryAt(next);
        }
        return start.loss <= now.loss ? start : now;
    }

    /** Divides a bracket, between whose ends there is a point that will do. */
    private Point within(Point first, Point second) {
        Point[] ends = {first, second};
        int low = lower(ends);
        boolean stuck = false;
        while (tried < most) {
            double from = Math.min(ends[0].length, ends[1].length);
            double to = Math.max(ends[0].length, ends[1].length);
            if (to - from < least) {
                break;
            }
            double next = lowest(ends[0], ends[1], from, to);
            double edge = EDGE * (to - from);
            boolean near = Math.min(to - next, next - from) < edge;
            if (near && (stuck || next >= to || next <= from)) {
                next = to - next < next - from ? to - edge : from + edge;
                near = false;
            }
            stuck = near;
            Point now = tryAt(next);
            int high = 1 - low;
            if (isHigh(now) || now.loss >= ends[low].loss) {
                ends[high] = now;
                low = lower(ends);
                continue;
            }
            if (isFlat(now)) {
                return now;
            }
            if (now.slope * (ends[high].length - ends[low].length) >= 0) {
                ends[high] = ends[low];
            }
            ends[low] = now;
        }
        return ends[low];
    }

    private Point tryAt(double length) {
        tried++;
        return line.at(length);
    }

    private boolean isHigh(Point point) {
        return point.loss > start.loss + FALL * point.length * start.slope;
    }

    private boolean isFlat(Point point) {
        return Math.abs(point.slope) <= -FLAT * start.slope;
    }

    private static int lower(Point... ends) {
        return ends[0].loss <= ends[1].loss ? 0 : 1;
    }

    /** Where the cubic through two points with their slopes is lowest within bounds; halfway between these if it is not. */
    private static double lowest(Point one, Point other, double from, double to) {
        Point a = one.length <= other.length ? one : other;
        Point b = a == one ? other : one;
        double bend = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.length - b.length);
        double square = bend * bend - a.slope * b.slope;
        if (!(square >= 0)) {
            return (from + to) / 2;
        }
        double root = Math.sqrt(square);
        double part = (b.slope + root - bend) / (b.slope - a.slope + 2 * root);
        return Math.min(Math.max(b.length - (b.length - a.length) * part, from), to);
    }
}
