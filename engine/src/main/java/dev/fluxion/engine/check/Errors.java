package dev.fluxion.engine.check;

/** Every message of this package. */
final class Errors {
    private Errors() {}

    static String badSlack(double slack) {
        return "the slack must be finite and above 0 but is " + slack;
    }
}
