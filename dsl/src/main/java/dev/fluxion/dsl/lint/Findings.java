package dev.fluxion.dsl.lint;

import dev.fluxion.ir.Given;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The findings of one training, each told once. */
public final class Findings {
    private static final String FINDINGS = "Findings";
    /** Nothing where no training builds its graph: a thread of an application server keeps none of our classes. */
    private static final ThreadLocal<@Nullable Findings> CURRENT = new ThreadLocal<>();

    private final Lint lint;
    private final Set<Finding> told = new HashSet<>();

    /** Those that a lint takes. */
    public Findings(Lint lint) {
        this.lint = Given.require(FINDINGS, "the lint", lint);
    }

    /** What takes them. */
    public Lint lint() {
        return lint;
    }

    /** Whether anybody asks for those of a check. */
    public boolean asks(Check check) {
        return lint.checks().contains(Given.require(FINDINGS, "the check", check));
    }

    /**
     * Tells of a finding unless it is silenced or known.
     *
     * @throws LintException if findings are errors
     */
    public void tell(Finding finding) {
        if (asks(Given.require(FINDINGS, "the finding", finding).check()) && told.add(finding)) {
            if (lint.strict()) {
                throw new LintException(finding);
            }
            lint.to().accept(finding);
        }
    }

    /** What {@code make} returns, where these are told of what is {@link #found} in it. */
    public <T> T during(Supplier<T> make) {
        Given.require(FINDINGS, "what is made", make);
        Findings before = CURRENT.get();
        CURRENT.set(this);
        try {
            return make.get();
        } finally {
            if (before == null) {
                CURRENT.remove();
            } else {
                CURRENT.set(before);
            }
        }
    }

    /** Tells the training that calls a layer or a loss of a finding; outside of one, the log. */
    public static void found(Finding finding) {
        Findings current = CURRENT.get();
        (current == null ? new Findings(Lint.all()) : current).tell(finding);
    }
}
