package dev.fluxion.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import dev.fluxion.Tensor;
import dev.fluxion.data.Dataset;
import dev.fluxion.dsl.train.Model;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WhiteningTest {
    private static final int IMAGES = 60;
    private static final int SIDE = 9;
    private static final int FILTERS = 24;

    /** Smooth images whose channels resemble each other. */
    private static Tensor images() {
        Random random = new Random(3);
        float[] pixels = new float[IMAGES * 3 * SIDE * SIDE];
        for (int n = 0; n < IMAGES; n++) {
            double light = random.nextGaussian();
            for (int i = 0; i < 3 * SIDE * SIDE; i++) {
                pixels[n * 3 * SIDE * SIDE + i] = (float) (0.5 + 0.2 * light + 0.1 * random.nextGaussian());
            }
        }
        return Tensor.of(pixels, IMAGES, 3, SIDE, SIDE);
    }

    @Test
    void what_it_makes_has_no_correlation() {
        Tensor images = images();
        Dataset data = Dataset.of(images, Tensor.zeros(IMAGES, 1));
        try (Model model = Model.of(Whitening.of(data), 3, SIDE, SIDE)) {
            Tensor out = model.predict(images);
            int places = (SIDE - 1) * (SIDE - 1);
            assertThat(out.shape().dims()).containsExactly(IMAGES, FILTERS, SIDE - 1, SIDE - 1);
            for (int f = 0; f < FILTERS / 2; f++) {
                for (int g = 0; g < FILTERS; g++) {
                    double sum = 0;
                    for (int n = 0; n < IMAGES; n++) {
                        for (int p = 0; p < places; p++) {
                            sum += (double) out.floats()[(n * FILTERS + f) * places + p]
                                    * out.floats()[(n * FILTERS + g) * places + p];
                        }
                    }
                    double expected = g == f ? 1 : g == f + FILTERS / 2 ? -1 : 0;
                    assertThat(sum / (IMAGES * places)).as("%d and %d", f, g).isEqualTo(expected, offset(0.05));
                }
            }
        }
    }
}
