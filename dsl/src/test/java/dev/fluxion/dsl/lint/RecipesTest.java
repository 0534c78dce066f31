package dev.fluxion.dsl.lint;

import static dev.fluxion.dsl.layer.Layers.*;
import static dev.fluxion.dsl.lint.Runs.*;
import static dev.fluxion.dsl.loss.Losses.*;
import static dev.fluxion.dsl.optim.Optimizers.*;
import static dev.fluxion.dsl.train.Metrics.accuracy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Input;
import dev.fluxion.Layer;
import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.data.DataLoader;
import dev.fluxion.data.Dataset;
import dev.fluxion.data.Sampler;
import dev.fluxion.data.SyntheticDigits;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.optim.Schedules;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** In what people do as a matter of course nothing is found. */
class RecipesTest {
    private static final Seq NET =
            Seq.of(linear(4, 16).named("body"), relu(), linear(16, 3).named("head"));
    private static final Map<String, Supplier<List<Finding>>> RECIPES = new LinkedHashMap<>();

    static {
        RECIPES.put("a convolutional network", RecipesTest::digits);
        RECIPES.put("fine-tuning a head, then all", RecipesTest::fineTuned);
        RECIPES.put(
                "regression",
                () -> fit(
                        Seq.of(linear(4, 16), relu(), linear(16, 1)),
                        regularised(mse()).l2(1e-4),
                        adam(1e-2),
                        shuffled(line(200, 1), 32),
                        t -> t.epochs(50)
                                .evaluate("test", DataLoader.of(line(40, 2)).batch(40))));
        RECIPES.put("pairs through shared weights", RecipesTest::siamese);
        RECIPES.put("a large table of which few rows are used", RecipesTest::table);
        RECIPES.put("two networks against each other", RecipesTest::adversaries);
        RECIPES.put(
                "four samples learnt by heart",
                () -> fit(
                        NET,
                        crossEntropy(),
                        adam(1e-2),
                        DataLoader.of(blobs(4, 1)).batch(4),
                        t -> t.epochs(400)));
        RECIPES.put(
                "few samples in order",
                () -> fit(
                        NET,
                        crossEntropy(),
                        sgd(0.1).momentum(0.9),
                        DataLoader.of(blobs(30, 1)).batch(7),
                        t -> t.epochs(80)));
        RECIPES.put(
                "a curriculum",
                () -> fit(
                        NET,
                        crossEntropy(),
                        adam(1e-2),
                        DataLoader.of(blobs(1200, 1)).batch(32).order(easyFirst()),
                        t -> t.epochs(10)));
        RECIPES.put(
                "one sample at a time",
                () -> fit(NET, crossEntropy(), sgd(0.05), DataLoader.of(blobs(1100, 1)), t -> t.epochs(2)));
        RECIPES.put(
                "numbers one at a time",
                () -> fit(linear(4, 1), mse(), sgd(0.02), shuffled(line(600, 1), 1), t -> t.epochs(2)));
        RECIPES.put(
                "rare classes",
                () -> fit(
                        NET,
                        crossEntropy().weights(1, 30, 30),
                        adam(1e-2),
                        shuffled(blobs(600, 1, i -> i % 60 == 0 ? 1 + i / 60 % 2 : 0), 32),
                        t -> t.epochs(20)));
        RECIPES.put("balanced draws of data by class", RecipesTest::balanced);
        RECIPES.put(
                "a warm-up from 0 and a long decay to 0",
                () -> fit(
                        NET,
                        crossEntropy().labelSmoothing(0.1),
                        adamW(3e-3),
                        shuffled(blobs(320, 1), 32),
                        t -> t.epochs(10)
                                .schedule(Schedules.lambda(i -> i < 10 ? i / 10.0 : (100 - i) / 90.0)
                                        .bySteps())));
        RECIPES.put("an autoencoder", RecipesTest::autoencoder);
        RECIPES.put("the next letter", RecipesTest::letters);
        RECIPES.put("several labels of a sample", RecipesTest::bits);
    }

    static List<String> recipes() {
        return List.copyOf(RECIPES.keySet());
    }

    private static Sampler easyFirst() {
        return (samples, batch, epoch) -> IntStream.range(0, samples)
                .boxed()
                .sorted((a, b) -> a % 3 - b % 3)
                .mapToInt(i -> i)
                .toArray();
    }

    private static List<Finding> digits() {
        Seq net = Seq.of(
                conv(1, 8, 3),
                batchNorm(8),
                relu(),
                maxPool(2),
                flatten(),
                linear(32),
                relu(),
                dropout(0.2),
                linear(10));
        return fit(
                net, crossEntropy(), sgd(0.02).momentum(0.9), shuffled(SyntheticDigits.of(600, 1), 20), t -> t.epochs(
                                11)
                        .evaluate(DataLoader.of(SyntheticDigits.of(200, 2)).batch(100), accuracy()));
    }

    private static List<Finding> fineTuned() {
        try (Model model = Model.of(NET, 4)) {
            List<Finding> all = fit(model, crossEntropy(), adam(1e-2), shuffled(blobs(300, 1), 30), t -> t.epochs(10));
            DataLoader other = shuffled(blobs(300, 2, i -> (i + 1) % 3), 30);
            all.addAll(fit(model, crossEntropy(), adam(1e-2), other, t -> t.only("head")
                    .epochs(40)));
            all.addAll(fit(model, crossEntropy(), sgd(1e-5), other, t -> t.epochs(40)));
            return all;
        }
    }

    private static List<Finding> siamese() {
        Dataset blobs = blobs(200, 1);
        SplittableRandom random = new SplittableRandom(1);
        int[] other = IntStream.range(0, 200).map(i -> random.nextInt(200)).toArray();
        float[] alike = new float[200];
        for (int i = 0; i < 200; i++) {
            alike[i] = i % 3 == other[i] % 3 ? 1 : 0;
        }
        Dataset pairs = Dataset.of(
                Tensors.of("a", blobs.first(200).inputs())
                        .with("b", blobs.batch(other).inputs()),
                Tensors.of("alike", Tensor.of(alike, Shape.of(200))));
        Layer tower = shared(Seq.of(linear(4, 8), relu(), linear(8, 4)));
        Layer both = layer("both()", (scope, a) -> {
            scope.output("left", tower.apply(scope.child("tower"), a));
            return tower.apply(scope.child("tower"), scope.value("b"));
        });
        try (Model model = Model.of(both, Input.floats("a", 4), Input.floats("b", 4))) {
            return fit(
                    model,
                    contrastive().on("left", "output", "alike"),
                    adam(1e-2),
                    shuffled(pairs, 20),
                    t -> t.epochs(30));
        }
    }

    private static List<Finding> table() {
        int[] ids = IntStream.range(0, 200).map(i -> i * 7 % 40).toArray();
        int[] labels = Arrays.stream(ids).map(id -> id % 3).toArray();
        Dataset data = Dataset.of(Tensor.of(ids, Shape.of(200, 1)), Tensor.of(labels, Shape.of(200)));
        try (Model model = Model.of(Seq.of(embedding(1000, 8), flatten(), linear(8, 3)), Input.ints("id", 1))) {
            return fit(model, crossEntropy(), adam(1e-2), shuffled(data, 20), t -> t.epochs(30)
                    .evaluate(DataLoader.of(data.rows(0, 50)).batch(50), accuracy()));
        }
    }

    /** A generator and what tells its points from others, in turn: each learns with the other one frozen. */
    private static List<Finding> adversaries() {
        SplittableRandom random = new SplittableRandom(1);
        float[] noise = new float[400];
        for (int i = 0; i < noise.length; i++) {
            noise[i] = (float) random.nextDouble(-1, 1);
        }
        Tensor ones = Tensor.full(1, 100, 1);
        Tensor zeros = Tensor.zeros(100, 1);
        Seq net = Seq.of(
                Seq.of(linear(4, 8), relu(), linear(8, 4)).named("make"),
                Seq.of(linear(4, 8), leakyRelu(0.2), linear(8, 1)).named("judge"));
        List<Finding> findings = new ArrayList<>();
        try (Model model = Model.of(net, 4)) {
            for (int i = 0; i < 10; i++) {
                Dataset made = Dataset.of(Tensor.of(noise, 100, 4), i % 2 == 0 ? ones : zeros);
                String part = i % 2 == 0 ? "make" : "judge";
                findings.addAll(fit(model, bceWithLogits(), adam(1e-2), shuffled(made, 10), t -> t.only(part)
                        .epochs(4)));
            }
        }
        return findings;
    }

    private static List<Finding> balanced() {
        Dataset sorted = blobs(300, 1, i -> i < 240 ? 0 : i < 280 ? 1 : 2);
        DataLoader data = DataLoader.of(sorted).batch(30).order(Sampler.balanced(1, sorted.labels()));
        return fit(NET, crossEntropy(), adam(1e-2), data, t -> t.epochs(10));
    }

    private static List<Finding> autoencoder() {
        Tensor x = blobs(200, 1).first(200).inputs();
        return fit(
                Seq.of(linear(4, 2), tanh(), linear(2, 4)),
                mse(),
                adam(1e-2),
                shuffled(Dataset.of(x, x), 20),
                t -> t.epochs(30));
    }

    private static List<Finding> letters() {
        String text = "the quick brown fox jumps over the lazy dog and back again ".repeat(8);
        int length = 8;
        int count = text.length() - length - 1;
        int[] ids = new int[count * length];
        int[] next = new int[count * length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = text.charAt(i / length + i % length) % 32;
            next[i] = text.charAt(i / length + i % length + 1) % 32;
        }
        Dataset data = Dataset.of(Tensor.of(ids, Shape.of(count, length)), Tensor.of(next, Shape.of(count, length)));
        Layer last = layer("classes()", (scope, x) -> x.transpose(0, 2, 1));
        try (Model model =
                Model.of(Seq.of(embedding(32, 8), gru(8, 16), linear(16, 32), last), Input.ints("ids", length))) {
            return fit(model, crossEntropy(), adam(1e-2), shuffled(data, 32), t -> t.epochs(25));
        }
    }

    private static List<Finding> bits() {
        Dataset blobs = blobs(200, 1);
        float[] bits = new float[600];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = i / 3 % 3 == i % 3 ? 1 : 0;
        }
        return fit(
                NET,
                bceWithLogits(),
                adam(1e-2),
                shuffled(Dataset.of(blobs.first(200).inputs(), Tensor.of(bits, 200, 3)), 20),
                t -> t.epochs(40));
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void nothingIsFound(String recipe) {
        Supplier<List<Finding>> run = RECIPES.get(recipe);
        assertThat(run.get()).isEmpty();
    }
}
