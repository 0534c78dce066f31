package dev.fluxion.dsl.lint;

/** A finding where {@link Lint#strict()} makes it an error. */
public final class LintException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Finding finding;

    LintException(Finding finding) {
        super(finding.toString());
        this.finding = finding;
    }

    /** What was found. */
    public Finding finding() {
        return finding;
    }
}
