package dev.fluxion.dsl.layer;

import static dev.fluxion.dsl.layer.Layers.avgPool;
import static dev.fluxion.dsl.layer.Layers.conv;
import static dev.fluxion.dsl.layer.Layers.maxPool;
import static dev.fluxion.dsl.loss.Losses.mse;
import static dev.fluxion.dsl.optim.Optimizers.sgd;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Layer;
import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.train.Model;
import org.junit.jupiter.api.Test;

/** Models compute in geometries that the library's kernels are not made for. */
class GeometryTest {
    private static Tensor predict(Layer layer, Tensor x) {
        try (Model model = Model.of(layer, x.shape().without(0).dims())) {
            return model.predict(x);
        }
    }

    /** Results that look at nothing but padding are the bias, and nothing of them reaches the weights. */
    @Test
    void wherePaddingIsAllThatIsSeenTheBiasStays() {
        Tensor x = Tensor.full(1, 2, 12, 4, 1);
        try (Model model = Model.of(conv(12, 6, 1).stride(4).pad(3).dilation(2), 12, 4, 1)) {
            float[] bias = model.parameters().get("bias").floats();
            float[] weight = model.parameters().get("weight").floats();
            float[] y = model.predict(x).floats();
            assertThat(y).hasSize(2 * 6 * 3 * 2);
            for (int i = 0; i < y.length; i++) {
                assertThat(y[i]).isEqualTo(bias[i / 6 % 6]);
            }
            model.training(mse(), sgd(0.1)).step(new Batch(x, Tensor.full(1, 2, 6, 3, 2)));
            assertThat(model.parameters().get("weight").floats()).isEqualTo(weight);
            assertThat(model.parameters().get("bias").floats()).isNotEqualTo(bias);
        }
    }

    /** One filter of one column over a single channel, in steps along the rows. */
    @Test
    void aSingleColumnOfResultsIsRight() {
        Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 1, 1, 4, 3);
        Layer sums = conv(1, 25, 5, 3)
                .stride(1, 4)
                .pad(3, 0)
                .weightInit(Initializers.ones())
                .bias(false);
        float[] y = predict(sums, x).floats();
        assertThat(y).startsWith(21, 45, 78, 78, 72, 57).hasSize(25 * 6);
    }

    /** The mean counts more elements than an int does, nearly all of them padding. */
    @Test
    void windowsMayHaveMoreElementsThanAnIntCounts() {
        Tensor x = Tensor.full(1, 1, 1, 4, 4);
        float[] mean = predict(avgPool(1 << 16).pad(1 << 15), x).floats();
        assertThat(mean).containsExactly(16 * 0x1p-32f);
        assertThat(predict(maxPool(1 << 16).pad(1 << 15), x).floats()).containsExactly(1);
        assertThat(predict(avgPool((1 << 30) + 1).pad(1 << 29), x).floats()).containsExactly(16 * 0x1p-60f);
    }

    @Test
    void stepsMayBeAsLongAsAnInt() {
        Tensor x = Tensor.full(1, 1, 1, 4, 4);
        int most = Integer.MAX_VALUE;
        Layer one = conv(1, 1, 1)
                .stride(most)
                .dilation(most)
                .weightInit(Initializers.ones())
                .bias(false);
        assertThat(predict(one, x).floats()).containsExactly(1);
        Layer far = conv(1, 1, 3)
                .dilation((1 << 30) - 4)
                .stride(1 << 30)
                .pad((1 << 30) - 4)
                .weightInit(Initializers.ones())
                .bias(false);
        assertThat(predict(far, x).floats()).containsExactly(1);
    }
}
