package dev.fluxion.examples.benchmarks;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Something to be reached, with what was measured for it.
 *
 * @param work in what
 * @param bound how far
 * @param outcomes what was measured, one for each row that the goal speaks of
 */
record Goal(String work, Bound bound, List<Outcome> outcomes) {
    /**
     * What is wanted of a number.
     *
     * @param sign {@code ≥}, {@code >} or {@code ≤}
     * @param limit the limit
     * @param unit of both, empty for ratios
     */
    record Bound(String sign, double limit, String unit) {
        static Bound atLeast(double ratio) {
            return new Bound("≥", ratio, "");
        }

        /** Faster, by however little. */
        static Bound ahead() {
            return new Bound(">", 1, "");
        }

        static Bound atMost(double limit, String unit) {
            return new Bound("≤", limit, " " + unit);
        }

        boolean holds(double value) {
            return switch (sign) {
                case ">" -> value > limit;
                case "≤" -> value <= limit;
                default -> value >= limit;
            };
        }

        /** Values further from what is wanted come first. */
        Comparator<Outcome> worstFirst() {
            Comparator<Outcome> ascending = Comparator.comparingDouble(Outcome::value);
            return sign.equals("≤") ? ascending.reversed() : ascending;
        }

        @Override
        public String toString() {
            String number = limit == Math.rint(limit)
                    ? Long.toString(Math.round(limit))
                    : String.format(Locale.ROOT, "%.1f", limit);
            return sign + " " + number + unit;
        }
    }

    /**
     * A number that was measured.
     *
     * @param where in which row
     * @param value the number; not a number if it was not measured
     * @param rate Fluxion's operations a nanosecond in that row; not a number where they would say nothing
     */
    record Outcome(String where, double value, double rate) {
        /** An outcome of which no rate is told. */
        Outcome(String where, double value) {
            this(where, value, Double.NaN);
        }

        boolean measured() {
            return !Double.isNaN(value);
        }
    }

    /** The outcomes that fall short, of those with a rate. */
    List<Outcome> missed() {
        return measured().stream()
                .filter(o -> !Double.isNaN(o.rate()) && !bound.holds(o.value()))
                .toList();
    }

    /** The rate at which the row of an outcome would be at the limit. */
    double asked(Outcome outcome) {
        return outcome.rate() * bound.limit() / outcome.value();
    }

    /** How many rows reach it. */
    long reached() {
        return measured().stream().filter(o -> bound.holds(o.value())).count();
    }

    /**
     * Whether it is met: by all rows, not by some that were measured, or still open because rows are missing and those that
     * are there reach it.
     */
    String met() {
        List<Outcome> measured = measured();
        if (measured.isEmpty()) {
            return "not measured";
        }
        if (reached() == outcomes.size()) {
            return "yes";
        }
        return (reached() == measured.size() ? "open" : "no") + ", " + reached() + " of " + outcomes.size();
    }

    /** The outcome furthest from what is wanted. */
    Optional<Outcome> worst() {
        return measured().stream().min(bound.worstFirst());
    }

    /** The outcome furthest beyond what is wanted. */
    Optional<Outcome> best() {
        return measured().stream().max(bound.worstFirst());
    }

    private List<Outcome> measured() {
        return outcomes.stream().filter(Outcome::measured).toList();
    }
}
