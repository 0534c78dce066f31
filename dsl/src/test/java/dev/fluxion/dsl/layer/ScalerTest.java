package dev.fluxion.dsl.layer;

import static dev.fluxion.dsl.layer.Layers.linear;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Tensor;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.ir.Shape;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Features are scaled with numbers that a saved model has. */
class ScalerTest {
    private static final Tensor SAMPLES =
            Tensor.vector(1, 10, 5, 3, 30, 5, 5, 50, 5).reshape(3, 3);

    @Test
    void meansAndDeviationsAreThoseOfThePopulation() {
        Scaler scaler = Scaler.fit(SAMPLES);
        assertThat(scaler.mean()).isEqualTo(Tensor.vector(3, 30, 5));
        float deviation = (float) Math.sqrt(8 / 3.0);
        assertThat(scaler.deviation()).isEqualTo(Tensor.vector(deviation, (float) Math.sqrt(800 / 3.0), 1));
        try (Model model = Model.of(Seq.of(scaler), 3)) {
            assertThat(model.predict(SAMPLES).floats())
                    .startsWith(-2 / deviation, -20 / scaler.deviation().floats()[1], 0, 0, 0, 0);
            assertThat(model.parameters().names()).isEmpty();
        }
        Scaler images = Scaler.fit(Tensor.vector(0, 2, 4, 6, 0, 2, 4, 6).reshape(1, 2, 2, 2));
        assertThat(images.mean()).isEqualTo(Tensor.vector(3, 3));
    }

    @Test
    void aSavedModelTakesRawSamples(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("scaled.fluxion");
        try (Model model = Model.of(Seq.of(Scaler.fit(SAMPLES), linear(3, 2)), 3)) {
            model.export(file);
            try (Model opened = Model.open(file)) {
                assertThat(opened.predict(SAMPLES)).isEqualTo(model.predict(SAMPLES));
            }
        }
    }

    @Test
    void whatDoesNotFitIsTold() {
        assertThatThrownBy(() -> Scaler.fit(null)).hasMessage("Scaler.fit: the samples must not be null");
        assertThatThrownBy(() -> Scaler.fit(Tensor.vector(1, 2)))
                .hasMessageContaining("samples N×F or N×F×… but got 2");
        assertThatThrownBy(() -> Scaler.fit(Tensor.full(Float.NaN, 2, 2)))
                .hasMessageContaining("expected a finite mean");
        assertThatThrownBy(() -> new Scaler(Tensor.zeros(2), Tensor.zeros(2)))
                .hasMessageContaining("a deviation above 0");
        assertThatThrownBy(() -> new Scaler(Tensor.zeros(2), Tensor.full(1, 3)))
                .hasMessageContaining("for each feature");
        assertThatThrownBy(() -> Model.of(Seq.of(Scaler.fit(SAMPLES)), 4))
                .hasMessageContaining("expected 3 features along axis 1 (input 1×4)")
                .hasMessageContaining("scaler of 3 features");
        assertThat(new Scaler(Tensor.zeros(2), Tensor.full(1, 2)).mean().shape())
                .isEqualTo(Shape.of(2));
    }
}
