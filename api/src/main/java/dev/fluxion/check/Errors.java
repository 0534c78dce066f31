package dev.fluxion.check;

import dev.fluxion.ir.Shape;
import java.util.Collection;
import java.util.Locale;

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

    static String notAScalar(Shape shape) {
        return "a gradient belongs to a scalar, but the expression has shape " + shape
                + "; give what turns the gradient of its value into that of the input: gradient(name, g -> …)";
    }

    static String gradientShape(String name, Shape expected, Shape actual) {
        return "the gradient by '" + name + "' must have its shape " + expected + " but has " + actual;
    }

    static String nothingCompared() {
        return "nothing could be compared: choose values at which the expression is smooth";
    }

    static String nothingToCompare() {
        return "there is nothing to compare: no floating-point input or parameter has an element";
    }

    static String onlyKinks() {
        return "nothing but kinks: all that is known is that the derivatives are between the slopes to both sides";
    }

    static String notFinite() {
        return "some of the numbers are not finite";
    }

    static String allZero() {
        return "all wrong numbers are 0: does the gradient stop on its way?";
    }

    static String sameFactor(double factor) {
        return factor == -1 || Math.abs(factor + 1) < 1e-6
                ? "all wrong numbers have the opposite sign"
                : String.format(Locale.ROOT, "all wrong numbers are %.6g times what they should be", factor);
    }
}
