package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.dropout;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.loss.Losses.mse;
import static dev.fluxion.dsl.optim.Optimizers.sgd;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Layer;
import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.layer.Layers;
import dev.fluxion.dsl.layer.Seq;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Random numbers are told apart by whole names and by the model's seed. */
class RandomStreamsTest {
    private static final int SIZE = 64;

    /** {@code q1.0.weight} and {@code pP.0.weight} have equal hash codes, as {@code Aa.weight} and {@code BB.weight} have. */
    @Test
    void parametersWhoseNamesHashAlikeAreDrawnApart() {
        Seq net = Seq.of(
                Seq.of(linear(5, 5)).named("q1"),
                Seq.of(linear(5, 5)).named("pP"),
                linear(5, 5).named("Aa"),
                linear(5, 5).named("BB"));
        Set<Tensor> drawn = new HashSet<>();
        for (long seed : new long[] {0, 1, -1, 7}) {
            try (Model model = Model.of(net, 5).seed(seed)) {
                drawn.addAll(model.parameters().values().values());
            }
        }
        assertThat(drawn).hasSize(4 * 8);
    }

    @Test
    void dropoutFollowsTheSeedOfTheModel() {
        Seq net = Seq.of(dropout(0.5));
        assertThat(masks(net, 1)).isEqualTo(masks(net, 1));
        assertThat(masks(net, 1)).doesNotContainAnyElementsOf(masks(net, 2));
    }

    /** Of two models with one seed, too: what is added to the one before a layer does not change what that layer drops. */
    @Test
    void dropoutFollowsThePathOfItsLayer() {
        Seq alone = Seq.of(dropout(0.5).named("drop"));
        Seq after = Seq.of(dropout(0).named("none"), dropout(0.5).named("drop"));
        assertThat(masks(alone, 1)).isEqualTo(masks(after, 1));
        assertThat(masks(alone, 1))
                .doesNotContainAnyElementsOf(masks(Seq.of(dropout(0.5).named("other")), 1));
    }

    @Test
    void whatOneLayerDrawsTwiceDiffers() {
        Layer twice = Layers.layer("twice()", (scope, x) -> Layers.layer("inner()", (s, in) -> s.uniform(in.shape()))
                .apply(scope, x)
                .sub(scope.uniform(x.shape()))
                .add(x.mul(0)));
        assertThat(masks(Seq.of(twice), 1).get(0).floats()).doesNotContain(0f);
    }

    /** A copy with other threads draws what its original does. */
    @Test
    void threadsKeepTheSeed() {
        try (Model model = Model.of(Seq.of(dropout(0.5)), SIZE).seed(3);
                Model copy = model.threads(1)) {
            assertThat(masks(copy)).isEqualTo(masks(model));
        }
    }

    private static List<Tensor> masks(Layer net, long seed) {
        try (Model model = Model.of(net, SIZE).seed(seed)) {
            return masks(model);
        }
    }

    /** What the model makes of ones at two steps, all of them different. */
    private static List<Tensor> masks(Model model) {
        Training training = model.training(mse(), sgd(0));
        Batch ones = new Batch(Tensor.full(1, 1, SIZE), Tensor.full(1, 1, SIZE));
        training.forward(ones);
        Tensor first = training.output();
        training.forward(ones);
        Tensor second = training.output();
        assertThat(first).isNotEqualTo(second);
        return List.of(first, second);
    }
}
