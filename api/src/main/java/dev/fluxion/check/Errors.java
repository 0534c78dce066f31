package dev.fluxion.check;

import java.util.Collection;

/** Every message of this package. */
final class Errors {
    private Errors() {}

    static String badTolerance(double tolerance) {
        return "a tolerance must be above 0 and below 1 but is " + tolerance;
    }

    static String badDirections(int directions) {
        return "the number of directions must not be negative but is " + directions;
    }

    static String unknownName(String name, Collection<String> known) {
        return "the expression has no input or parameter '" + name + "'; it has " + String.join(", ", known);
    }

    static String unbound(String name) {
        return "no value is given for '" + name + "'; add .with(\"" + name + "\", value)";
    }

    static String integers(String name) {
        return "'" + name + "' holds integers, which have no gradient";
    }
}
