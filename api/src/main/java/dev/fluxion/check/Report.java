package dev.fluxion.check;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The result of a check.
 *
 * @param kind what was compared with what
 * @param subject the layer or loss that was checked, as the user wrote it; empty if unknown
 * @param checked the numbers that were compared
 * @param skipped the places where there is nothing to compare
 * @param tolerance the largest error that passes
 */
public record Report(Kind kind, String subject, List<Entry> checked, List<Skipped> skipped, double tolerance) {
    /** Copies the lists. */
    public Report {
        checked = List.copyOf(checked);
        skipped = List.copyOf(skipped);
    }

    /** The kind of a comparison. */
    public enum Kind {
        /** A derivative by the rules of differentiation with a difference; the error is relative. */
        GRADIENT("gradient check", "derived", "numeric", "relative error"),
        /** A number in float32 with the one in double precision; the error is in units of its bound. */
        FLOAT32("float32 check", "float32", "exact", "error/bound");

        private final String title;
        private final String actual;
        private final String expected;
        private final String error;

        Kind(String title, String actual, String expected, String error) {
            this.title = title;
            this.actual = actual;
            this.expected = expected;
            this.error = error;
        }

        String title() {
            return title;
        }

        String actual() {
            return actual;
        }

        String expected() {
            return expected;
        }

        String error() {
            return error;
        }
    }

    /**
     * A number, twice.
     *
     * @param place the element, as {@code weight[2, 0]}, or the direction, as {@code weight along direction 1}
     * @param actual the number that is checked: the derivative by the rules, or what float32 gives
     * @param expected what it should be: the derivative by differences, or the number in double precision
     * @param error how far they are apart: of derivatives relative to the larger one or, near 0, to what the input's
     *     derivatives are like, or to what differences can tell there; in float32 in units of the bound
     */
    public record Entry(String place, double actual, double expected, double error) {}

    /** Why a place was skipped. */
    public enum Reason {
        /** The derivatives from both sides differ. */
        KINK("a kink"),
        /** The expression jumps, or bends faster than differences can follow. */
        ROUGH("not smooth"),
        /** The expression has no value here or nearby, or rejects it. */
        UNDEFINED("no value nearby"),
        /** Float32 may be far off here even if all is right, as where numbers cancel out. */
        ILL_CONDITIONED("float32 cannot tell");

        private final String text;

        Reason(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    /**
     * A place where there is nothing to compare.
     *
     * @param place the element or direction
     * @param reason why
     * @param actual the derivative by the rules; NaN if there is none
     * @param left the slope from below, of a kink; else NaN
     * @param right the slope from above, of a kink; else NaN
     */
    public record Skipped(String place, Reason reason, double actual, double left, double right) {
        /** How far outside of the slopes, relative to the larger one, a derivative may be: they are known no better. */
        private static final double EDGE = 1e-3;

        /** A place without slopes. */
        public Skipped(String place, Reason reason) {
            this(place, reason, Double.NaN, Double.NaN, Double.NaN);
        }

        /** Whether the derivative at a kink is one of the slopes to both sides or between them, as a subgradient is. */
        public boolean between() {
            double edge = EDGE * Math.max(Math.abs(left), Math.abs(right));
            return reason == Reason.KINK
                    && actual >= Math.min(left, right) - edge
                    && actual <= Math.max(left, right) + edge;
        }

        /** The place and why, as {@code x[0]: a kink, derived 0, slope -1 to the left and 1 to the right}. */
        @Override
        public String toString() {
            return place + ": " + reason.text()
                    + (reason == Reason.KINK
                            ? String.format(
                                    Locale.ROOT,
                                    ", derived %.6g, slope %.6g to the left and %.6g to the right",
                                    actual + 0.0, // 0.0 for −0.0
                                    left + 0.0,
                                    right + 0.0)
                            : "");
        }
    }

    /**
     * Whether every number agrees and there was something to compare. Where there was nothing but kinks, which may happen
     * to anybody, as to |x − y| of equal numbers, the derivatives must be {@linkplain Skipped#between() between} the slopes
     * to both sides, and the report says that this is all that was found. A check that compared nothing else fails: one of
     * places that are not smooth or have no value, or of nothing at all.
     */
    public boolean passed() {
        return failures().isEmpty() && (!checked.isEmpty() || onlyKinks());
    }

    /** Whether there was nothing to compare but derivatives at kinks with the slopes to both sides, between which they are. */
    boolean onlyKinks() {
        return checked.isEmpty() && !skipped.isEmpty() && skipped.stream().allMatch(Skipped::between);
    }

    /** The comparison with the largest error; empty when nothing was compared. */
    public Optional<Entry> worst() {
        return checked.stream().max(Comparator.comparingDouble(Entry::error));
    }

    /** The numbers that do not agree, the worst first. */
    public List<Entry> failures() {
        return checked.stream()
                .filter(d -> !(d.error() <= tolerance))
                .sorted(Comparator.comparingDouble(Entry::error).reversed())
                .toList();
    }

    /**
     * This report, if the check passed.
     *
     * @throws AssertionError with the report as its message, if not
     */
    public Report orThrow() {
        if (!passed()) {
            throw new AssertionError(toString());
        }
        return this;
    }

    /** The outcome in a line; of a failed check, also a table of the worst numbers and, where it shows, what is wrong. */
    @Override
    public String toString() {
        return ReportPrinter.print(this);
    }
}
