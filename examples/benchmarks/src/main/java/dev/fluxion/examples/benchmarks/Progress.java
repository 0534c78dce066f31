package dev.fluxion.examples.benchmarks;

import java.util.Locale;
import java.util.function.LongSupplier;

/** How far a run is: the time that is left follows from the plan and from how fast it went so far. */
final class Progress {
    private final int rows;
    private final double planned;
    private final LongSupplier clock;
    private final long start;
    private int row;
    private double done;

    /**
     * Begins now.
     *
     * @param rows how many rows there will be
     * @param planned estimated seconds of all
     * @param clock nanoseconds
     */
    Progress(int rows, double planned, LongSupplier clock) {
        this.rows = rows;
        this.planned = planned;
        this.clock = clock;
        this.start = clock.getAsLong();
    }

    /** A line for a row that is finished, whose estimate was so many seconds. */
    String finished(String text, double seconds) {
        row++;
        done += seconds;
        double elapsed = (clock.getAsLong() - start) / 1e9;
        double left = row == rows ? 0 : Math.max(0, planned - done) * elapsed / done;
        String width = Integer.toString(Integer.toString(rows).length());
        String end = row == rows ? "done in " + duration(elapsed) : duration(left) + " left";
        return String.format(Locale.ROOT, "[%" + width + "d/%d] %s  (%s)", row, rows, text, end);
    }

    /** A number of seconds for people: {@code 45 s}, {@code 12 min}. */
    static String duration(double seconds) {
        return seconds < 100 ? Math.round(seconds) + " s" : Math.round(seconds / 60) + " min";
    }
}
