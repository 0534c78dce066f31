package dev.fluxion;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;

/**
 * The number format of a tensor, the same for all elements: PyTorch's. Whole numbers have a point and no decimals,
 * others four decimals, or five digits and an exponent where the numbers are of very different size, very large or
 * very small. Zeros, NaN and infinities do not affect the choice.
 *
 * @param width the width to which shorter numbers are padded
 */
record Numerals(Style style, int width) {
    private static final int DECIMALS = 4;
    private static final double WIDEST_RATIO = 1000;
    private static final double LARGEST = 1e8;
    private static final double SMALLEST = 1e-4;

    enum Style {
        INTEGER,
        WHOLE,
        FIXED,
        SCIENTIFIC
    }

    /** How to write integers. */
    static Numerals integers(List<Double> numbers) {
        return fitting(Style.INTEGER, numbers);
    }

    /** How to write floating-point numbers. */
    static Numerals floats(List<Double> numbers) {
        List<Double> plain =
                numbers.stream().filter(x -> Double.isFinite(x) && x != 0).toList();
        double largest = plain.stream().mapToDouble(Math::abs).max().orElse(1);
        double smallest = plain.stream().mapToDouble(Math::abs).min().orElse(1);
        boolean whole = plain.stream().allMatch(x -> x == Math.rint(x));
        boolean scientific = largest / smallest > WIDEST_RATIO || largest > LARGEST || !whole && smallest < SMALLEST;
        return fitting(scientific ? Style.SCIENTIFIC : whole ? Style.WHOLE : Style.FIXED, plain);
    }

    private static Numerals fitting(Style style, List<Double> numbers) {
        Numerals free = new Numerals(style, 0);
        return new Numerals(
                style,
                numbers.stream().mapToInt(x -> free.text(x).length()).max().orElse(0));
    }

    /** The number, padded with spaces in front. */
    String write(double x) {
        String text = text(x);
        return " ".repeat(Math.max(0, width - text.length())) + text;
    }

    private String text(double x) {
        if (!Double.isFinite(x)) {
            return Double.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
        }
        String sign = Math.copySign(1, x) < 0 ? "-" : "";
        BigDecimal size = new BigDecimal(Math.abs(x));
        return switch (style) {
            case INTEGER -> (x < 0 ? "-" : "") + size.toPlainString();
            case WHOLE -> sign + size.toPlainString() + ".";
            case FIXED -> sign + size.setScale(DECIMALS, RoundingMode.HALF_EVEN).toPlainString();
            case SCIENTIFIC -> sign + scientific(size);
        };
    }

    private static String scientific(BigDecimal size) {
        BigDecimal rounded = size.round(new MathContext(1 + DECIMALS, RoundingMode.HALF_EVEN));
        int exponent = rounded.signum() == 0 ? 0 : rounded.precision() - rounded.scale() - 1;
        String digits = rounded.scaleByPowerOfTen(-exponent).setScale(DECIMALS).toPlainString();
        int places = Math.abs(exponent);
        return digits + (exponent < 0 ? "e-" : "e+") + (places < 10 ? "0" : "") + places;
    }
}
