package dev.fluxion.dsl.lint;

import dev.fluxion.dsl.internal.Once;
import dev.fluxion.ir.Given;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a training is looked through for, and what becomes of findings. At first they are warnings in the log, each once. {@code
 * lint(Lint.all().without(Check.UNSHUFFLED))} silences one, {@code lint(Lint.all().to(findings::add))} collects them, and {@code
 * lint(Lint.all().strict(true))} makes them errors. Looking changes no bit of a training.
 *
 * @param checks what is looked for
 * @param strict whether a finding is a {@link LintException}, which ends the training
 * @param to what takes findings otherwise
 */
public record Lint(Set<Check> checks, boolean strict, Consumer<Finding> to) {
    private static final Logger LOG = LoggerFactory.getLogger(Lint.class);
    private static final String LINT = "Lint";

    /** Copies the set. */
    public Lint {
        checks = Set.copyOf(Given.require(LINT, "the checks", checks));
        Given.require(LINT, "what takes findings", to);
    }

    /** All checks, with warnings in the log. */
    public static Lint all() {
        return new Lint(EnumSet.allOf(Check.class), false, finding -> Once.warn(LOG, finding.toString()));
    }

    /** None. */
    public static Lint none() {
        return new Lint(Set.of(), false, finding -> {});
    }

    /** This without some checks: these are meant. */
    public Lint without(Check... silenced) {
        List<Check> silent = Arrays.asList(Given.require("without", "the checks", silenced));
        silent.forEach(check -> Given.require("without", "a check", check));
        EnumSet<Check> left = EnumSet.noneOf(Check.class);
        checks.stream().filter(check -> !silent.contains(check)).forEach(left::add);
        return new Lint(left, strict, to);
    }

    /** This with findings as errors or not. */
    public Lint strict(boolean errors) {
        return new Lint(checks, errors, to);
    }

    /** This with something else that takes findings, in place of the log. */
    public Lint to(Consumer<Finding> taker) {
        return new Lint(checks, strict, taker);
    }
}
