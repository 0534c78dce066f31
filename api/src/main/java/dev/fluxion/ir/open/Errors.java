package dev.fluxion.ir.open;

import dev.fluxion.ir.Legible;
import dev.fluxion.ir.Op;
import dev.fluxion.ir.Shape;
import java.util.List;

/** Every message of this package. */
final class Errors {
    private Errors() {}

    static String noForm(Op op) {
        return op + " has no form in which it is written";
    }

    static String unknownOperator(String name) {
        return "there is no operator '" + Legible.of(name) + "'";
    }

    static String operands(int least, int most, int actual) {
        String wanted = most == Integer.MAX_VALUE
                ? "at least " + least
                : least == most ? Integer.toString(least) : least + " to " + most;
        return "it takes " + wanted + " operands but has " + actual;
    }

    static String missingAttribute(String name) {
        return "the attribute '" + name + "' is missing";
    }

    static String unknownAttribute(String name) {
        return "there is no attribute '" + Legible.of(name) + "'";
    }

    static String notNumber(String name, String text) {
        return "the attribute '" + name + "' must be a number but is '" + Legible.of(text) + "'";
    }

    static String notInt(String name, long number) {
        return "the attribute '" + name + "' must lie within 32 bits but is " + number;
    }

    static String notSize(String name, int count) {
        return "the attribute '" + name + "' must be a height and a width but has " + count + " numbers";
    }

    static String notOneOf(String name, String found, List<String> all) {
        return "the attribute '" + name + "' must be one of " + String.join(", ", all) + " but is '" + Legible.of(found)
                + "'";
    }

    static String badAxes(String name, List<Integer> axes, int rank) {
        return "the attribute '" + name + "' must have ascending axes from 0 up to " + (rank - 1) + " but has "
                + Legible.of(axes.toString());
    }

    static String noAxes(String name) {
        return "the attribute '" + name + "' must be axes but there is none";
    }

    static String notOneAxis(String name, List<Integer> axes) {
        return "the attribute '" + name + "' must be one axis but is " + Legible.of(axes.toString());
    }

    static String beyondTable(Shape part, Shape all) {
        return "a part of " + part + " is wanted of a constant tensor of " + all;
    }

    static String notFormula(String text) {
        return "'" + Legible.of(text) + "' is no formula of extents";
    }

    static String overflow(Object formula) {
        return formula + " is beyond 64 bits";
    }

    static String nothingBelow(String formula) {
        return Legible.of(formula) + " divides by 0";
    }

    static String noExtent(Object symbol) {
        return "there is no extent " + symbol + " at this place";
    }

    static String node(int number, String operator, String place, String problem) {
        return "node " + number + " (" + Legible.of(operator) + (place.isEmpty() ? "" : " of " + Legible.of(place))
                + "): " + problem;
    }

    static String notBefore(int operand) {
        return "operand " + operand + " is not a node before it";
    }

    static String noRoot(int root, int nodes) {
        return "there is no node " + root + " among " + nodes;
    }

    static String differs(String place, String what) {
        return (place.isBlank() ? "what a layer makes" : "what " + place + " makes") + " depends on an extent in a way"
                + " that no formula tells: " + what;
    }
}
