package dev.fluxion.dsl.lint;

import dev.fluxion.ir.Given;

/**
 * Something that is probably wrong with a training.
 *
 * @param check what was looked for
 * @param where the layer or loss, with the line of the program that made it, or what else it is about
 * @param seen what was seen
 * @param advice what to do
 */
public record Finding(Check check, String where, String seen, String advice) {
    private static final String FINDING = "Finding";

    /** Checks nulls. */
    public Finding {
        Given.require(FINDING, "the check", check);
        Given.require(FINDING, "where it is", where);
        Given.require(FINDING, "what was seen", seen);
        Given.require(FINDING, "the advice", advice);
    }

    /** The whole message, with how to silence it. */
    @Override
    public String toString() {
        return where + ": " + seen + "; " + advice + " (silence it with lint(Lint.all().without(Check." + check + ")))";
    }
}
