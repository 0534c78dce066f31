package dev.fluxion.examples.cli;

import static dev.fluxion.data.Augmentations.flip;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Tensor;
import dev.fluxion.data.DataLoader;
import dev.fluxion.data.ImageDataset;
import dev.fluxion.data.SyntheticDigits;
import dev.fluxion.dsl.train.Model;
import org.junit.jupiter.api.Test;

class NetsTest {
    private static final int COUNT = 8;

    @Test
    void a_mirror_image_has_the_same_prediction() {
        ImageDataset digits = SyntheticDigits.of(COUNT, 1);
        TrainingData data = new TrainingData("digits", digits, digits, digits.classes());
        Tensor images = digits.first(COUNT).inputs();
        Tensor mirrored = DataLoader.of(digits)
                .batch(COUNT)
                .augment(1, flip().probability(1))
                .epoch(0)
                .iterator()
                .next()
                .inputs();
        try (Model model = Nets.AIRBENCH.model(data)) {
            assertThat(mirrored).isNotEqualTo(images);
            assertThat(model.predict(mirrored)).isEqualTo(model.predict(images));
        }
    }
}
