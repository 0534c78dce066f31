package dev.fluxion.examples.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AgreementTest {
    @Test
    void differencesAreRelativeToTheLargestValue() {
        assertThat(check(new float[] {100, 0.001f}, new float[] {100.005f, 0.005f}))
                .isEmpty();
        assertThat(check(new float[] {1, 0.001f}, new float[] {1, 0.005f}))
                .isEqualTo("Fluxion and PyTorch differ by 0.0040 of the largest value");
    }

    @Test
    void whoTellsNothingIsNotCompared() {
        assertThat(check(new float[] {1}, new float[0])).isEmpty();
        assertThat(check(new float[0], new float[] {1})).isEmpty();
    }

    @Test
    void numbersMustBeFinite() {
        assertThat(check(new float[] {1}, new float[] {Float.NaN}))
                .isEqualTo("PyTorch gives numbers that are not finite");
        assertThat(check(new float[] {Float.POSITIVE_INFINITY}, new float[] {1}))
                .isEqualTo("Fluxion gives numbers that are not finite");
    }

    @Test
    void countsMustBeTheSame() {
        assertThat(check(new float[] {1}, new float[] {1, 2}))
                .isEqualTo("Fluxion and PyTorch give different numbers of values");
    }

    private static String check(float[] fluxion, float[] pytorch) {
        Map<String, float[]> values = new LinkedHashMap<>();
        values.put("Fluxion", fluxion);
        values.put("PyTorch", pytorch);
        return Agreement.check(values);
    }
}
