package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.gru;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.output;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Input;
import dev.fluxion.Layer;
import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ValueException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Batches that are put together: each part gets its own outputs, however programs divide the batch. */
class BatchPredictorTest {
    private static final Layer NEXT = (scope, x) -> x.add(1).toInt();

    private static Tensors samples(int rows, int first) {
        float[] values = new float[2 * rows];
        for (int i = 0; i < values.length; i++) {
            values[i] = first + i;
        }
        return Tensors.of("x", Tensor.of(values, rows, 2));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4, 16, 32})
    void partsGetTheirOwnOutputsHoweverTheyAreDivided(int program) {
        Seq net = Seq.of(linear(3), output("hidden"), NEXT);
        try (Model model = Model.of(net, Input.floats("x", 2)).batchSizes(program);
                BatchPredictor predictor = model.batchPredictor(1, 1)) {
            assertThat(predictor.outputs()).containsExactly("output", "hidden");
            List<Part> parts = new ArrayList<>();
            for (int rows : new int[] {2, 4, 2, 1, 7, 4}) {
                parts.add(predictor.part(samples(rows, 10 * parts.size())));
            }
            Runnable batch = predictor.prepare(parts);
            for (int again = 0; again < 2; again++) {
                batch.run();
                for (int i = 0; i < parts.size(); i++) {
                    Tensors alone = model.predict(samples(parts.get(i).rows(), 10 * i));
                    assertThat(parts.get(i).outputs()).isEqualTo(alone);
                    assertThat(parts.get(i).result()).isEqualTo(alone.get("output"));
                }
            }
        }
    }

    @Test
    void resultsGoIntoABufferFromItsPositionOn() {
        try (Model model = Model.of(linear(3), Input.floats("x", 2));
                BatchPredictor predictor = model.batchPredictor(2, 1, 4)) {
            FloatBuffer into = FloatBuffer.allocate(20).position(1).limit(16);
            Part buffered = predictor.part(samples(5, 0), into);
            Part other = predictor.part(samples(2, 50));
            predictor.prepare(List.of(other, buffered)).run();
            assertThat(into.position()).isEqualTo(1);
            float[] read = new float[15];
            into.get(read);
            try (Model same = model.batchSizes(4)) {
                assertThat(read)
                        .isEqualTo(same.predict(samples(5, 0)).get("output").floats());
            }
            assertThat(into.array()[0]).isZero();
            assertThat(into.array()[16]).isZero();
            assertThatThrownBy(() -> predictor.part(samples(5, 0), FloatBuffer.allocate(14)))
                    .hasMessage("part: the results 5×3 take 15 numbers, but the buffer has room for 14");
        }
    }

    @Test
    void numbersAreLookedAtBeforeTheyAreComputed() {
        try (Model model = Model.of(
                        linear(3), Input.floats("x", 2), Input.floats("mask").infinite(true));
                BatchPredictor predictor = model.batchPredictor(1, 1)) {
            Tensor mask = Tensor.full(Float.NEGATIVE_INFINITY, 2);
            Tensor x = samples(2, 0).only();
            Part part = predictor.part(Tensors.of("x", x).with("mask", mask));
            part.requireAllowed();
            x.floats()[3] = Float.NEGATIVE_INFINITY;
            assertThatThrownBy(part::requireAllowed)
                    .isInstanceOf(ValueException.class)
                    .hasMessageContaining("[1, 1]");
            x.floats()[3] = 0;
            mask.floats()[0] = Float.NaN;
            assertThatThrownBy(part::requireAllowed)
                    .isInstanceOf(ValueException.class)
                    .hasMessageContaining("'mask' may be infinite");
        }
    }

    /** A batch that failed in its middle begins anew. */
    @Test
    void aBatchThatFailedMayRunAgain() {
        try (Model model = Model.of(linear(3), 2);
                BatchPredictor predictor = model.batchPredictor(1, 1, 2)) {
            Tensor x = samples(2, 0).only();
            Tensor y = samples(3, 9).only();
            Part first = predictor.part(x);
            Part second = predictor.part(y);
            Runnable batch = predictor.prepare(List.of(first, second));
            for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
                y.floats()[5] = bad;
                assertThatThrownBy(batch::run).isInstanceOf(ValueException.class);
            }
            y.floats()[5] = 5;
            batch.run();
            try (Model same = model.batchSizes(2)) {
                assertThat(first.result()).isEqualTo(same.predict(x));
                assertThat(second.result()).isEqualTo(same.predict(y));
            }
        }
    }

    @Test
    void whoMixesSamplesIsComputedAlone() {
        try (Model model = Model.of((scope, x) -> x.sub(x.mean(0)), 2);
                Model integers = Model.of(NEXT, 2);
                BatchPredictor predictor = model.batchPredictor(1, 1);
                BatchPredictor other = integers.batchPredictor(1, 1)) {
            Tensor samples = samples(2, 0).only();
            assertThat(predictor.joins(predictor.part(samples))).isFalse();
            assertThat(other.joins(other.part(samples))).isTrue();
            assertThatThrownBy(() -> predictor.part(Tensors.of(samples), FloatBuffer.allocate(4)))
                    .hasMessageContaining("mixes the samples of a batch");
            assertThatThrownBy(() -> other.part(Tensors.of(samples), FloatBuffer.allocate(4)))
                    .hasMessageContaining("the model's are int 2×2");
        }
    }

    @Test
    void closingItLeavesTheModelOpen() {
        try (Model model = Model.of(linear(3), 2)) {
            Tensor samples = samples(2, 0).only();
            Runnable closed;
            try (BatchPredictor predictor = model.batchPredictor(1, 1)) {
                closed = predictor.prepare(List.of(predictor.part(samples)));
                closed.run();
                assertThat(predictor.memory().programs()).isPositive();
            }
            assertThatThrownBy(closed::run).isInstanceOf(IllegalStateException.class);
            assertThat(model.predict(samples).shape().dim(0)).isEqualTo(2);
        }
    }

    @Test
    void closingTheModelEndsIt() {
        Model model = Model.of(linear(3), 2);
        try (BatchPredictor predictor = model.batchPredictor(1, 1)) {
            Runnable batch =
                    predictor.prepare(List.of(predictor.part(samples(2, 0).only())));
            batch.run();
            model.close();
            assertThatThrownBy(batch::run).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> model.batchPredictor(1, 1)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void warmingUpCompilesAllProgramsOfSmallBatches() {
        try (Model model = Model.of(linear(3), 2);
                BatchPredictor predictor = model.batchPredictor(1, 1);
                BatchPredictor few = model.batchPredictor(1, 1, 3, 10)) {
            predictor.warmUp(6);
            assertThat(predictor.memory().programs()).isEqualTo(6); // 1 to 6
            few.warmUp(64);
            assertThat(few.memory().programs()).isEqualTo(2);
        }
    }

    /** No request waits for a program: not for that of another thread either, nor again after many others. */
    @Test
    void warmingUpMakesTheProgramsOfAllThreadsAndKeepsThem() {
        int lengths = 40;
        Layer mean = (scope, x) -> x.mean(1);
        try (Model model = Model.of(mean, Input.floats("x", lengths + 1).varies(0, "T"));
                BatchPredictor predictor = model.batchPredictor(2, 1, 1)) {
            for (int length = 1; length <= lengths; length++) {
                predictor.warmUp(1, Map.of("T", length));
            }
            ModelMemory warm = predictor.memory();
            assertThat(warm.programs()).isEqualTo(2 * lengths);
            predictor.warmUp(1, Map.of("T", 1));
            predictor.prepare(List.of(predictor.part(Tensor.zeros(1, 1)))).run();
            assertThat(predictor.memory()).isEqualTo(warm);
            predictor
                    .prepare(List.of(predictor.part(Tensor.zeros(1, lengths + 1))))
                    .run();
            assertThat(predictor.memory().programs()).isEqualTo(2 * lengths + 1);
        }
    }

    /** A model that takes no zeros has its programs all the same. */
    @Test
    void warmingUpNeedsNoZeros() {
        Layer counted = gru(2).lengths("lengths");
        try (Model model = Model.of(counted, Input.floats("x", 4, 3), Input.ints("lengths"));
                BatchPredictor predictor = model.batchPredictor(3, 1, 1)) {
            Tensors zeros = Tensors.of("x", Tensor.zeros(1, 4, 3)).with("lengths", Tensor.of(new int[1], Shape.of(1)));
            assertThatThrownBy(() ->
                            predictor.prepare(List.of(predictor.part(zeros))).run())
                    .isInstanceOf(ValueException.class);
            predictor.warmUp(1);
            assertThat(predictor.memory().programs()).isEqualTo(3);
        }
    }
}
