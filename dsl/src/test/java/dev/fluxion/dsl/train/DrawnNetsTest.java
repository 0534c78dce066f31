package dev.fluxion.dsl.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.lint.Lint;
import dev.fluxion.dsl.loss.Losses;
import dev.fluxion.dsl.optim.Optimizers;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Nets drawn at random predict what the interpreter computes, keep NaN, and predict and train with the same bits on two threads.
 * {@code -Dfluxion.nets=2000} draws more of them.
 */
class DrawnNetsTest {
    private static final long NETS = Long.getLong("fluxion.nets", 60);
    private static final double ALLOWED = 3e-5;

    static LongStream seeds() {
        return LongStream.range(0, NETS);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void areExactOnAnyThreads(long seed) {
        DrawnImageNet drawn = new DrawnImageNet(seed);
        Random random = new Random(seed);
        try (Model one = Model.of(drawn.net, drawn.sample).seed(seed).threads(1);
                Model two = one.threads(2)) {
            Tensor x = numbers(random, 1 + random.nextInt(3), drawn.sample);
            Tensor predicted = one.predict(x);
            assertThat(two.predict(x)).as("on two threads: %s", drawn).isEqualTo(predicted);
            isNear(predicted, exact(one, x), drawn);
            keepsNaN(one, x, random, drawn);
            trainsAlike(one, two, new Batch(x, numbers(random, predicted.shape().dims())), drawn);
        }
    }

    private static Value exact(Model model, Tensor x) {
        Interpreter interpreter = new Interpreter().bind(Network.INPUT, value(x));
        model.parameters().values().forEach((name, tensor) -> interpreter.bind(name, value(tensor)));
        return Objects.requireNonNull(
                interpreter.run(model.graph(x.shape().dim(0))).get(dev.fluxion.Scope.RESULT));
    }

    private static void isNear(Tensor actual, Value expected, DrawnImageNet drawn) {
        double largest = Arrays.stream(expected.data()).map(Math::abs).max().orElse(0);
        for (int i = 0; i < actual.size(); i++) {
            assertThat(Math.abs(actual.floats()[i] - expected.data()[i]))
                    .as("element %d of %s", i, drawn)
                    .isLessThanOrEqualTo(ALLOWED * Math.max(largest, 1e-6));
        }
    }

    private static void keepsNaN(Model model, Tensor x, Random random, DrawnImageNet drawn) {
        List<String> names = new ArrayList<>(model.parameters().names());
        names.removeAll(model.parameters().buffers());
        if (names.isEmpty()) {
            return;
        }
        String name = names.get(random.nextInt(names.size()));
        Tensor right = model.parameters().get(name);
        Tensor spoilt = model.parameters().get(name);
        spoilt.floats()[random.nextInt(spoilt.size())] = Float.NaN;
        model.parameters().setWithNaN(Map.of(name, spoilt));
        double[] expected = exact(model, x).data();
        float[] actual = model.predict(x).floats();
        assertThat(IntStream.range(0, actual.length)
                        .filter(i -> !Double.isFinite(expected[i]) && Float.isFinite(actual[i])))
                .as("NaN in %s that became a number in %s", name, drawn)
                .isEmpty();
        model.parameters().set(name, right);
    }

    private static void trainsAlike(Model one, Model two, Batch batch, DrawnImageNet drawn) {
        assertThat(step(two, batch)).as("loss on two threads: %s", drawn).isEqualTo(step(one, batch));
        one.parameters().values().forEach((name, values) -> assertThat(
                        two.parameters().get(name))
                .as("%s on two threads: %s", name, drawn)
                .isEqualTo(values));
    }

    private static float step(Model model, Batch batch) {
        try (Training training =
                model.training(Losses.mse(), Optimizers.sgd(1e-3)).lint(Lint.none())) {
            return training.step(batch);
        }
    }

    private static Value value(Tensor tensor) {
        float[] floats = tensor.floats();
        return new Value(
                tensor.shape(),
                IntStream.range(0, floats.length).mapToDouble(i -> floats[i]).toArray());
    }

    private static Tensor numbers(Random random, int batch, int[] sample) {
        return numbers(
                random,
                IntStream.concat(IntStream.of(batch), Arrays.stream(sample)).toArray());
    }

    private static Tensor numbers(Random random, int... dims) {
        Tensor tensor = Tensor.full(0, dims);
        float[] floats = tensor.floats();
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) random.nextGaussian();
        }
        return Tensor.of(floats, tensor.shape());
    }
}
