package dev.fluxion.dsl.optim;

import java.util.function.LongToDoubleFunction;

/**
 * The product of a function's values at 1 to n. It remembers the last one, so that the next costs one multiplication; the
 * order is always the same, and so are the bits.
 */
final class Product {
    private final LongToDoubleFunction factor;
    private long last;
    private double product = 1;

    Product(LongToDoubleFunction factor) {
        this.factor = factor;
    }

    synchronized double upTo(long n) {
        if (n < last) {
            last = 0;
            product = 1;
        }
        // Once the product is 0 it stays 0.
        while (last < n && product != 0) {
            product *= factor.applyAsDouble(++last);
        }
        return product;
    }
}
