package dev.fluxion.engine.kernel;

/** Every message of this package. */
final class Messages {
    private Messages() {}

    static String requirement(String origin, String expectation, int position, float value) {
        return in(origin) + expectation + ", but element " + position + " is " + value;
    }

    static String index(String origin, int index, int position, int extent) {
        return in(origin) + "index " + index + " at position " + position + " is outside [0, " + extent + ")";
    }

    static String notElementwise(String operator) {
        return "an update rule must compute element by element, but uses " + operator;
    }

    private static String in(String origin) {
        return origin.isEmpty() ? "" : origin + ": ";
    }
}
