package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Input;
import dev.fluxion.Layer;
import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.loss.Losses;
import dev.fluxion.dsl.optim.Optimizers;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Of no samples, a model predicts no results, of the shape that PyTorch's modules give them. */
class EmptyBatchTest {
    private record Row(Layer layer, Shape sample, Shape result) {}

    static Stream<Row> rows() {
        Shape images = Shape.of(4, 8, 8);
        Shape sequences = Shape.of(5, 4);
        return Stream.of(
                new Row(Seq.of(linear(3, 4), relu(), softmax()), Shape.of(3), Shape.of(0, 4)),
                new Row(conv(4, 6, 3), images, Shape.of(0, 6, 6, 6)),
                new Row(convTranspose(4, 6, 3), images, Shape.of(0, 6, 10, 10)),
                new Row(Seq.of(unflatten(1, 2, 2), conv3d(2, 3, 2)), images, Shape.of(0, 3, 1, 7, 7)),
                new Row(batchNorm(4), images, Shape.of(0, 4, 8, 8)),
                new Row(groupNorm(2), images, Shape.of(0, 4, 8, 8)),
                new Row(instanceNorm(), images, Shape.of(0, 4, 8, 8)),
                new Row(layerNorm(), images, Shape.of(0, 4, 8, 8)),
                new Row(maxPool(2), images, Shape.of(0, 4, 4, 4)),
                new Row(avgPool(2), images, Shape.of(0, 4, 4, 4)),
                new Row(adaptiveAvgPool(1), images, Shape.of(0, 4, 1, 1)),
                new Row(globalAvgPool(), images, Shape.of(0, 4)),
                new Row(globalMaxPool(), images, Shape.of(0, 4)),
                new Row(upsample(2), images, Shape.of(0, 4, 16, 16)),
                new Row(channelShuffle(2), images, Shape.of(0, 4, 8, 8)),
                new Row(unfold(2), images, Shape.of(0, 16, 49)),
                new Row(Seq.of(maxPool(2).indices("at"), maxUnpool("at", 2)), images, Shape.of(0, 4, 8, 8)),
                new Row(flatten(), images, Shape.of(0, 256)),
                new Row(lstm(4, 6), sequences, Shape.of(0, 5, 6)),
                new Row(multiHeadAttention(4, 2), sequences, Shape.of(0, 5, 4)),
                new Row(transformerEncoderLayer(4, 2), sequences, Shape.of(0, 5, 4)));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void noSamplesHaveNoResults(Row row) {
        try (Model model = Model.of(row.layer, row.sample.dims())) {
            int[] dims = new int[row.sample.rank() + 1];
            System.arraycopy(row.sample.dims(), 0, dims, 1, dims.length - 1);
            assertThat(model.predict(Tensor.zeros(dims)).shape()).isEqualTo(row.result);
        }
    }

    @Test
    void namedOutputsAndProbabilitiesAreEmpty() {
        Layer net = Seq.of(embedding(9, 4), as("words"), output("words"), input("weights"), linear(3, 2));
        try (Model model = Model.of(net, Input.ints("ids", 5), Input.floats("weights", 3))) {
            Tensors made = model.predict(
                    Tensors.of("ids", Tensor.of(new int[0], Shape.of(0, 5))).with("weights", Tensor.zeros(0, 3)));
            assertThat(made.get("words").shape()).isEqualTo(Shape.of(0, 5, 4));
            assertThat(made.get("output").shape()).isEqualTo(Shape.of(0, 2));
        }
        try (Model model = Model.of(linear(3, 2), 3)) {
            assertThat(model.probabilities(Tensor.zeros(0, 3)).shape()).isEqualTo(Shape.of(0, 2));
            assertThat(model.predict(Tensor.zeros(2, 3)).shape()).isEqualTo(Shape.of(2, 2));
        }
    }

    /** What mixes samples has a result all the same: the mean of none is none. */
    @Test
    void aSumOverTheBatchIsOne() {
        Layer sum = layer("sum()", (scope, x) -> Expr.concat(0, List.of(x, x.sumKeepDims(0))));
        try (Model model = Model.of(Seq.of(linear(2, 2), sum), 2)) {
            assertThat(model.predict(Tensor.zeros(0, 2)).floats()).containsExactly(0, 0);
        }
    }

    @Test
    void othersNeedSamples() {
        try (Model model = Model.of(linear(3, 2), 3);
                Training training = model.training(Losses.mse(), Optimizers.sgd(0.1))) {
            assertThatThrownBy(() -> training.step(new Batch(Tensor.zeros(0, 3), Tensor.zeros(0, 2))))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> model.batchPredictor(1, 1).part(Tensor.zeros(0, 3)))
                    .hasMessage("the model takes a batch of samples N×3 with N ≥ 1 but got 0×3");
            assertThatThrownBy(() -> model.predict(Tensor.zeros(0, 4)))
                    .hasMessage("the model takes a batch of samples N×3 with N ≥ 0 but got 0×4");
        }
    }
}
