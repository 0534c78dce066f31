package dev.fluxion.dsl.internal;

import dev.fluxion.Loss;
import dev.fluxion.ir.Shape;
import java.util.List;

/** Every message of this package. */
final class Errors {
    private Errors() {}

    static String badOption(String what, String argument, String expected, double actual) {
        return what + ": " + argument + " must be " + expected + " but is " + Text.number(actual);
    }

    static String returnedNull(Object what) {
        return what + " returned null, expected an expression";
    }

    static String objective(Loss loss, Shape output, Shape target, String message) {
        return Text.of(loss) + " of outputs " + output + " and targets " + target + ": " + message;
    }

    static String noneLeft(String purpose, List<String> names) {
        return "no parameter is left to " + purpose + "; there are " + names;
    }

    static String noneIn(String part, String purpose, List<String> names) {
        return "there is no parameter to " + purpose + " in '" + part + "'; there are " + names;
    }
}
