package dev.fluxion.ir.open;

/**
 * Texts with formulas in braces: {@code {e0}} is a whole number, {@code {1:e0}} the quotient of two as a floating-point number. A brace
 * that begins no formula is doubled.
 */
final class Template {
    private Template() {}

    static String escaped(String text) {
        return text.indexOf('{') < 0 ? text : text.replace("{", "{{");
    }

    static String unescaped(String text) {
        return text.indexOf('{') < 0 ? text : text.replace("{{", "{");
    }

    /** Where the next formula begins, −1 if there is none. */
    private static int formula(String text, int from) {
        int at = text.indexOf('{', from);
        while (at >= 0 && at + 1 < text.length() && text.charAt(at + 1) == '{') {
            at = text.indexOf('{', at + 2);
        }
        return at;
    }

    /**
     * The text with numbers in place of formulas.
     *
     * @throws IllegalArgumentException if a formula is none, or has no value
     */
    static String at(String text, Formula.Extents extents) {
        int begin = formula(text, 0);
        if (begin < 0) {
            return text;
        }
        StringBuilder out = new StringBuilder();
        int done = 0;
        while (begin >= 0) {
            int end = text.indexOf('}', begin);
            if (end < 0) {
                throw new IllegalArgumentException(Errors.notFormula(text.substring(begin)));
            }
            out.append(text, done, begin).append(value(text.substring(begin + 1, end), extents));
            done = end + 1;
            begin = formula(text, done);
        }
        return out.append(text, done, text.length()).toString();
    }

    private static String value(String formula, Formula.Extents extents) {
        int colon = formula.indexOf(':');
        if (colon < 0) {
            return Long.toString(Formula.parse(formula).at(extents));
        }
        double above = Formula.parse(formula.substring(0, colon)).at(extents);
        double below = Formula.parse(formula.substring(colon + 1)).at(extents);
        if (below == 0) {
            throw new IllegalArgumentException(Errors.nothingBelow(formula));
        }
        return Double.toString(above / below);
    }
}
