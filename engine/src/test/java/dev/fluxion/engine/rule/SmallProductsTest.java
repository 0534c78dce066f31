package dev.fluxion.engine.rule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.engine.kernel.Convolutions;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where small products are taken to be faster, whatever the processor of the test. */
class SmallProductsTest {
    private static final SmallProducts PRODUCTS = new SmallProducts(24, 16, 256, 128);
    private static final int SMALL = 32 << 10;
    private static final int LARGE = 48 << 10;

    /** Each bound from both sides; weights that stay in the larger of two caches only; a block of many filters. */
    @ParameterizedTest
    @CsvSource({
        "32, 23, 3, 15, false, false",
        "32, 24, 3, 15, true, true",
        "512, 24, 3, 1, true, true",
        "64, 64, 1, 20, false, false",
        "32, 16, 3, 16, true, true",
        "32, 15, 3, 16, false, false",
        "32, 16, 3, 15, false, false",
        "56, 16, 3, 16, true, true",
        "57, 16, 3, 16, false, true",
        "128, 16, 3, 16, false, true",
        "129, 16, 3, 16, false, false",
        "64, 23, 3, 16, false, false",
    })
    void bounds(int filters, int channels, int kernel, int extent, boolean small, boolean large) {
        Shape images = Shape.of(1, channels, extent + kernel - 1, extent + kernel - 1);
        Expr w = Expr.parameter("w", Shape.of(filters, channels, kernel, kernel));
        Convolutions conv = Convolutions.of(Expr.input("x", images).conv(w, ConvSpec.of()));
        assertThat(PRODUCTS.areFaster(conv, SMALL)).isEqualTo(small);
        assertThat(PRODUCTS.areFaster(conv, LARGE)).isEqualTo(large);
    }
}
