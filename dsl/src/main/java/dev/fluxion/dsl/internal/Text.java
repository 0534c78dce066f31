package dev.fluxion.dsl.internal;

import dev.fluxion.dsl.CallSite;
import dev.fluxion.ir.Size;
import java.util.List;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Writes layers, losses and optimizers as the user wrote them. */
public final class Text {
    private static final int LONGEST_LIST = 10;

    private Text() {}

    /** A layer or option in one line. */
    public static String of(Object part) {
        Class<?> type = part.getClass();
        return type.isHidden() || type.isSynthetic() ? "lambda" : part.toString();
    }

    /** A layer or loss, and the line that made it. */
    public static String place(Object what, CallSite callSite) {
        return what + " at " + callSite;
    }

    public static String call(String function, int... arguments) {
        StringJoiner call = new StringJoiner(", ", function + "(", ")");
        for (int argument : arguments) {
            call.add(Integer.toString(argument));
        }
        return call.toString();
    }

    public static String call(String function, double... arguments) {
        StringJoiner call = new StringJoiner(", ", function + "(", ")");
        for (double argument : arguments) {
            call.add(number(argument));
        }
        return call.toString();
    }

    public static String option(String name, Size value, Size plain) {
        return value.equals(plain) ? "" : "." + size(name, value);
    }

    public static String option(String name, double value, double plain) {
        return value == plain ? "" : "." + call(name, value);
    }

    public static String option(String name, Object value, Object plain) {
        return value == plain || value.equals(plain) ? "" : "." + name + "(" + of(value) + ")";
    }

    public static String strict(boolean on) {
        return option("strict", on, false);
    }

    /** The call of a factory, without its only argument if that is the default. */
    public static String factory(String name, double value, double plain) {
        return value == plain ? name + "()" : call(name, value);
    }

    public static String size(String function, Size value) {
        return value.h() == value.w() ? call(function, value.h()) : call(function, value.h(), value.w());
    }

    public static String named(String name) {
        return quoted("named", name);
    }

    /** An option that is a name; empty if it is. */
    public static String quoted(String option, String name) {
        return name.isEmpty() ? "" : "." + option + "(\"" + name + "\")";
    }

    public static String list(double... numbers) {
        String shown = IntStream.range(0, Math.min(numbers.length, LONGEST_LIST))
                .mapToObj(i -> number(numbers[i]))
                .collect(Collectors.joining(", "));
        return numbers.length > LONGEST_LIST ? shown + ", …" : shown;
    }

    /** The number, without decimals where it has none. */
    public static String number(double x) {
        return x == (int) x ? Integer.toString((int) x) : Double.toString(x);
    }

    /** The longest of some cells of a table. */
    public static int width(List<String> cells) {
        return cells.stream().mapToInt(String::length).max().orElse(0);
    }

    /** A cell of a table, filled up. */
    public static String padded(String cell, int width) {
        return cell + " ".repeat(width - cell.length());
    }
}
