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

    /** Two layouts of one library tell what rounding makes of a training; the first loss is before any update. */
    @Test
    void lossesMayLieApartAsRoundingLetsThem() {
        float[] one = {6.4f, 6.15f, 5.89f};
        float[] other = {6.4f, 6.14f, 5.86f};
        assertThat(losses(new float[] {6.4f, 6.12f, 5.79f}, one, other)).isEmpty();
        assertThat(losses(new float[] {6.4f, 6.1f, 5.89f}, one, other))
                .isEqualTo("Fluxion and PyTorch differ by 0.0078 of the largest value");
        assertThat(losses(new float[] {6.41f, 6.15f, 5.89f}, one, other))
                .isEqualTo("Fluxion and PyTorch differ by 0.0016 of the largest value");
        assertThat(losses(new float[] {6.4f, 6.12f, 5.79f}, one, new float[0])).isNotEmpty();
    }

    private static String losses(float[] fluxion, float[] pytorch, float[] channelsLast) {
        Map<String, float[]> values = new LinkedHashMap<>();
        values.put(Peer.FLUXION.title(), fluxion);
        values.put(Peer.PYTORCH.title(), pytorch);
        values.put(Peer.PYTORCH_LAST.title(), channelsLast);
        return Agreement.check(Cell.Mode.TRAIN, values);
    }

    private static String check(float[] fluxion, float[] pytorch) {
        Map<String, float[]> values = new LinkedHashMap<>();
        values.put("Fluxion", fluxion);
        values.put("PyTorch", pytorch);
        return Agreement.check(Cell.Mode.INFER, values);
    }
}
