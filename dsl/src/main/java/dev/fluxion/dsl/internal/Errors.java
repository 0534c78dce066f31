package dev.fluxion.dsl.internal;

import dev.fluxion.Loss;
import dev.fluxion.MultiLoss;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

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

    static String objective(MultiLoss loss, List<String> names, Expr[] inputs, String message) {
        String given = IntStream.range(0, inputs.length)
                .mapToObj(i -> "'" + names.get(i) + "' " + inputs[i].shape())
                .collect(Collectors.joining(", "));
        return Text.of(loss) + " of " + given + ": " + message;
    }

    static String noneLeft(String purpose, List<String> names) {
        return "no parameter is left to " + purpose + "; there are " + names;
    }

    static String noneIn(String part, String purpose, List<String> names) {
        return "there is no parameter to " + purpose + " in '" + part + "'; there are " + names;
    }
}
