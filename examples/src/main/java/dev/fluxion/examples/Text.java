package dev.fluxion.examples;

import dev.fluxion.dsl.loss.Evaluation;
import dev.fluxion.ir.Value;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Writes what a tour shows, aligned. */
final class Text {
    private Text() {}

    static void title(String text) {
        System.out.println("\n" + text);
    }

    static void note(String text) {
        System.out.println("  " + text);
    }

    /** A loss as written, its formula, its value and its gradient by the first input. */
    static void line(String loss, String formula, Evaluation e) {
        System.out.printf(
                "  %-21s %-31s = %-18s gradient %s%n", loss, formula, numbers(e.value()), numbers(e.gradient(0)));
    }

    /** The elements with up to four decimals; those of more than one in brackets. */
    static String numbers(Value value) {
        String list = Arrays.stream(value.data())
                .mapToObj(x -> String.format(Locale.ROOT, "%.4f", x).replaceFirst("\\.?0+$", ""))
                .map(text -> text.equals("-0") ? "0" : text)
                .collect(Collectors.joining(", "));
        return value.data().length == 1 ? list : "[" + list + "]";
    }
}
