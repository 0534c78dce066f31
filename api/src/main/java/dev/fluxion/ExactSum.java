package dev.fluxion;

import java.math.BigDecimal;
import java.util.Arrays;

/**
 * A sum of numbers that is rounded once, when it is read: no order of the numbers changes it, nor do sums of parts.
 * It holds the sum as a few numbers, none of which overlaps another (Shewchuk, "Adaptive Precision Floating-Point
 * Arithmetic", 1997). Where a number is infinite or NaN, the sum is what IEEE 754 makes of it.
 */
public final class ExactSum {
    private double[] parts = new double[4];
    private int count;
    /** The sum of the numbers that are not finite, 0 where there are none. */
    private double special;

    /** The sum of nothing. */
    public ExactSum() {}

    /** Adds a number. */
    public void add(double x) {
        if (!Double.isFinite(x)) {
            special += x;
            return;
        }
        int kept = 0;
        double high = x;
        for (int i = 0; i < count; i++) {
            double a = Math.abs(high) < Math.abs(parts[i]) ? parts[i] : high;
            double b = Math.abs(high) < Math.abs(parts[i]) ? high : parts[i];
            high = a + b;
            double low = b - (high - a);
            if (low != 0) {
                parts[kept++] = low;
            }
        }
        if (!Double.isFinite(high)) {
            special += high;
            count = 0;
            return;
        }
        if (kept == parts.length) {
            parts = Arrays.copyOf(parts, 2 * kept);
        }
        parts[kept++] = high;
        count = kept;
    }

    /** Adds a sum. */
    public void add(ExactSum other) {
        special += other.special;
        double[] more = Arrays.copyOf(other.parts, other.count);
        for (double part : more) {
            add(part);
        }
    }

    /** Adds a sum times a finite factor, exactly unless the product is below the normal doubles. */
    public void add(ExactSum other, double factor) {
        special += other.special * factor;
        double[] more = Arrays.copyOf(other.parts, other.count);
        for (double part : more) {
            double product = part * factor;
            add(product);
            if (Double.isFinite(product)) {
                add(Math.fma(part, factor, -product));
            }
        }
    }

    /** The sum, rounded to the nearest double. */
    public double value() {
        return special != 0 ? special : exact().doubleValue();
    }

    /** The sum of the finite numbers, not rounded. */
    public BigDecimal exact() {
        BigDecimal sum = BigDecimal.ZERO;
        for (int i = 0; i < count; i++) {
            sum = sum.add(new BigDecimal(parts[i]));
        }
        return sum;
    }

    /** Whether all numbers were finite. */
    public boolean isFinite() {
        return special == 0;
    }
}
