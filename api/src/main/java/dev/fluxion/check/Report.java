package dev.fluxion.check;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a gradient check found.
 *
 * @param checked the derivatives that were compared
 * @param skipped the places where the expression is not smooth, or has no value nearby, and nothing can be compared
 * @param tolerance the largest relative error that passes
 */
public record Report(List<Derivative> checked, List<String> skipped, double tolerance) {
    private static final int SHOWN = 5;

    /** Copies the lists. */
    public Report {
        checked = List.copyOf(checked);
        skipped = List.copyOf(skipped);
    }

    /**
     * A derivative, twice.
     *
     * @param place the element, as {@code weight[2, 0]}, or the direction, as {@code weight along direction 1}
     * @param derived the value by the rules of differentiation
     * @param numeric the value by differences
     * @param error how far they are apart, relative to the larger one or, near 0, to what the input's derivatives are like
     */
    public record Derivative(String place, double derived, double numeric, double error) {
        /** The place, both values and the error. */
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT, "%s: derived %.9g, numeric %.9g, relative error %.1e", place, derived, numeric, error);
        }
    }

    /** Whether every derivative agrees, and at least one was compared where there was anything to compare. */
    public boolean passed() {
        return failures().isEmpty() && (!checked.isEmpty() || skipped.isEmpty());
    }

    /** The derivative with the largest error; empty when none was compared. */
    public Optional<Derivative> worst() {
        return checked.stream().max(Comparator.comparingDouble(Derivative::error));
    }

    /** The derivatives that do not agree, the worst first. */
    public List<Derivative> failures() {
        return checked.stream()
                .filter(d -> !(d.error() <= tolerance))
                .sorted(Comparator.comparingDouble(Derivative::error).reversed())
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

    /** The outcome in a line; of a failed check, also the worst derivatives, one a line. */
    @Override
    public String toString() {
        List<Derivative> failures = failures();
        String counts = String.format(
                Locale.ROOT,
                "%d checked, %d wrong, %d skipped as not smooth, tolerance %.1e",
                checked.size(),
                failures.size(),
                skipped.size(),
                tolerance);
        if (passed()) {
            return "gradient check passed (" + counts + ")"
                    + worst().map(d -> "; worst " + d).orElse("");
        }
        String first = failures.stream().limit(SHOWN).map(d -> "\n  " + d).collect(Collectors.joining());
        return "gradient check failed (" + counts + ")" + first + (failures.size() > SHOWN ? "\n  …" : "");
    }
}
