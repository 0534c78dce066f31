package dev.fluxion.ir;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.MathContext;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** erf and the normal distribution function against sums with many digits. */
class ErrorFunctionTest {
    private static final BigDecimal TWO = BigDecimal.valueOf(2);

    @ParameterizedTest
    @CsvSource({"0, 6.2, 250, 50", "0.45, 0.55, 60, 50", "5.8, 6.1, 60, 50", "6, 27, 6, 400"})
    void isExactToTwoUnitsInTheLastPlace(double from, double to, int count, int digits) {
        MathContext exact = new MathContext(digits);
        for (int i = 0; i <= count; i++) {
            double x = from + i * (to - from) / count;
            check("erf " + x, UnaryFn.ERF.apply(x, 0), erf(square(x, 1, exact), x, exact), 2);
            check(
                    "erf " + -x,
                    UnaryFn.ERF.apply(-x, 0),
                    erf(square(x, 1, exact), x, exact).negate(),
                    2);
        }
    }

    /** gelu x is x·Φ(x); of −39 and less it is 0. */
    @ParameterizedTest
    @CsvSource({"0, 8.8, 250, 60", "8.2, 8.6, 60, 60", "8, 37.5, 3, 700"})
    void tailsAreExactRelativeToWhatTheyAre(double from, double to, int count, int digits) {
        MathContext exact = new MathContext(digits);
        BigDecimal half = new BigDecimal("0.5");
        for (int i = 0; i <= count; i++) {
            double x = from + i * (to - from) / count;
            BigDecimal t = new BigDecimal(0.5).sqrt(exact).multiply(new BigDecimal(x), exact);
            BigDecimal erf = erf(square(x, 0.5, exact), t, exact);
            BigDecimal above = BigDecimal.ONE.add(erf).multiply(half).multiply(new BigDecimal(x), exact);
            BigDecimal below = BigDecimal.ONE.subtract(erf).multiply(half).multiply(new BigDecimal(-x), exact);
            check("gelu " + x, UnaryFn.GELU.apply(x, 0), above, 2);
            check("gelu " + -x, UnaryFn.GELU.apply(-x, 0), below, 6);
        }
    }

    private static void check(String what, double found, BigDecimal expected, double units) {
        double nearest = expected.doubleValue();
        double error = Math.abs(new BigDecimal(found).subtract(expected).doubleValue());
        assertThat(error).as("%s: %s, not %s", what, found, nearest).isLessThanOrEqualTo(units * Math.ulp(nearest));
    }

    private static BigDecimal square(double x, double scale, MathContext exact) {
        return new BigDecimal(x).pow(2).multiply(new BigDecimal(scale), exact);
    }

    private static BigDecimal erf(BigDecimal square, double x, MathContext exact) {
        return erf(square, new BigDecimal(x), exact);
    }

    /** 2/√π·e^(−x²)·Σ 2ⁿx^(2n+1)/(2n+1)!!, whose terms are positive (Abramowitz and Stegun 7.1.6). */
    private static BigDecimal erf(BigDecimal square, BigDecimal x, MathContext exact) {
        BigDecimal term = x;
        BigDecimal sum = x;
        BigDecimal least = BigDecimal.ONE.movePointLeft(exact.getPrecision());
        for (int n = 1; term.compareTo(least) > 0; n++) {
            term = term.multiply(square, exact).multiply(TWO).divide(BigDecimal.valueOf(2 * n + 1), exact);
            sum = sum.add(term, exact);
        }
        BigDecimal factor = TWO.divide(pi(exact).sqrt(exact), exact);
        return sum.multiply(factor, exact).divide(exp(square, exact), exact);
    }

    private static BigDecimal exp(BigDecimal x, MathContext exact) {
        BigDecimal term = BigDecimal.ONE;
        BigDecimal sum = BigDecimal.ONE;
        BigDecimal least = BigDecimal.ONE.movePointLeft(exact.getPrecision());
        for (int n = 1; term.compareTo(least) > 0; n++) {
            term = term.multiply(x, exact).divide(BigDecimal.valueOf(n), exact);
            sum = sum.add(term, exact);
        }
        return sum;
    }

    /** Machin's: π = 16 arctan 1/5 − 4 arctan 1/239. */
    private static BigDecimal pi(MathContext exact) {
        return arctan(5, exact)
                .multiply(BigDecimal.valueOf(16))
                .subtract(arctan(239, exact).multiply(BigDecimal.valueOf(4)));
    }

    private static BigDecimal arctan(int inverse, MathContext exact) {
        BigDecimal power = BigDecimal.ONE.divide(BigDecimal.valueOf(inverse), exact);
        BigDecimal sum = BigDecimal.ZERO;
        BigDecimal least = BigDecimal.ONE.movePointLeft(exact.getPrecision());
        for (int n = 1; power.compareTo(least) > 0; n += 2) {
            BigDecimal term = power.divide(BigDecimal.valueOf(n), exact);
            sum = n % 4 == 1 ? sum.add(term) : sum.subtract(term);
            power = power.divide(BigDecimal.valueOf((long) inverse * inverse), exact);
        }
        return sum;
    }
}
