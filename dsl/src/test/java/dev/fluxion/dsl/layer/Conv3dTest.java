package dev.fluxion.dsl.layer;

import static dev.fluxion.dsl.layer.Layers.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Layer;
import dev.fluxion.Tensor;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.ir.Shape;
import org.junit.jupiter.api.Test;

class Conv3dTest {
    /** Volumes of one slice are images, and those of one column are sequences. */
    @Test
    void itKeepsTheExtentsOfVolumesAsItsSiblingsDoThoseOfImagesAndSequences() {
        requireAlike(
                conv3d(2, 3, 3).kernel(1, 3, 4).dilation(1, 2, 3).pad("same"),
                Shape.of(3, 2, 1, 6, 5),
                conv(2, 3, 3, 4).dilation(2, 3).pad("same"),
                Shape.of(3, 2, 6, 5));
        requireAlike(
                conv3d(2, 3, 4).kernel(4, 1, 1).dilation(3, 1, 1).pad("same"),
                Shape.of(3, 2, 7, 1, 1),
                conv1d(2, 3, 4).dilation(3).pad("same"),
                Shape.of(3, 2, 7));
    }

    private static void requireAlike(Layer volumes, Shape volume, Layer others, Shape other) {
        try (Model model = Model.of(volumes, volume.without(0).dims());
                Model sibling = Model.of(others, other.without(0).dims())) {
            for (String name : sibling.parameters().names()) {
                Tensor value = sibling.parameters().get(name);
                model.parameters()
                        .set(
                                name,
                                value.reshape(
                                        model.parameters().get(name).shape().dims()));
            }
            float[] numbers = new float[volume.size()];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = i % 11 - 5;
            }
            Tensor y = model.predict(Tensor.of(numbers, volume));
            Tensor z = sibling.predict(Tensor.of(numbers, other));
            assertThat(y.floats()).usingComparatorWithPrecision(1e-5f).containsExactly(z.floats());
            assertThat(y.shape()).isEqualTo(volume.with(1, 3));
        }
    }

    @Test
    void itsBiasHasTheFirstValuesThatItIsGiven() {
        Conv3d layer = conv3d(2, 3, 3).kernel(2).biasInit(Initializers.constant(2));
        assertThat(layer).hasToString("conv3d(2, 3, 2).biasInit(constant(2))");
        try (Model model = Model.of(layer, 2, 2, 2, 2)) {
            assertThat(model.parameters().get("bias").floats()).containsOnly(2);
        }
    }
}
