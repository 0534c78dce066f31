package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.batchNorm;
import static dev.fluxion.dsl.layer.Layers.conv;
import static dev.fluxion.dsl.layer.Layers.embedding;
import static dev.fluxion.dsl.layer.Layers.flatten;
import static dev.fluxion.dsl.layer.Layers.globalAvgPool;
import static dev.fluxion.dsl.layer.Layers.groupNorm;
import static dev.fluxion.dsl.layer.Layers.gru;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.lstm;
import static dev.fluxion.dsl.layer.Layers.multiHeadAttention;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.layer.Layers.residual;
import static dev.fluxion.dsl.layer.Layers.transformerEncoderLayer;
import static dev.fluxion.dsl.loss.Losses.crossEntropy;
import static dev.fluxion.dsl.optim.Optimizers.adam;
import static dev.fluxion.dsl.optim.Optimizers.sparseAdam;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.fluxion.Input;
import dev.fluxion.Optimizer;
import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.engine.Program;
import dev.fluxion.ir.Shape;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Nets with norms, recurrences, attention and embeddings: threads change no bit, and no run allocates. */
class SteadyNetsTest {
    private static final int BATCH = 12;
    private static final int LENGTH = 9;
    private static final int WORDS = 50;
    private static final int CLASSES = 5;
    private static final int STEPS = 5;
    private static final int RUNS = 50;
    /** The virtual machine itself allocates a little now and then, when it recompiles a method. */
    private static final int ROUNDS = 10;

    private enum Net {
        NORMS(
                Seq.of(
                        conv(3, 16, 3).pad(1),
                        batchNorm(),
                        relu(),
                        residual(Seq.of(conv(16, 16, 3).pad(1), groupNorm(4))),
                        relu(),
                        globalAvgPool(),
                        linear(CLASSES)),
                Input.floats("x", 3, LENGTH, LENGTH)),
        RECURRENCES(
                Seq.of(
                        embedding(WORDS, 12),
                        lstm(10).bidirectional().lengths("lengths"),
                        gru(7),
                        flatten(),
                        linear(CLASSES)),
                Input.ints("x", LENGTH),
                Input.ints("lengths")),
        ATTENTION(
                Seq.of(
                        embedding(WORDS, 16),
                        transformerEncoderLayer(16, 4),
                        residual(multiHeadAttention(16, 2).causal()),
                        flatten(),
                        linear(CLASSES)),
                Input.ints("x", LENGTH));

        private final Seq layers;
        private final Input[] inputs;

        Net(Seq layers, Input first, Input... more) {
            this.layers = layers;
            this.inputs = new Input[more.length + 1];
            inputs[0] = first;
            System.arraycopy(more, 0, inputs, 1, more.length);
        }

        Model model(int threads) {
            Input[] more = Arrays.copyOfRange(inputs, 1, inputs.length);
            return Model.of(layers, inputs[0], more).seed(3).threads(threads);
        }

        /** Words are sometimes a table of which rows are changed. */
        Optimizer optimizer(double rate) {
            return this == ATTENTION ? adam(rate).group("0", sparseAdam(rate)) : adam(rate);
        }

        Batch batch(SplittableRandom random) {
            Tensor images = Tensor.zeros(BATCH, 3, LENGTH, LENGTH);
            for (int i = 0; i < images.size(); i++) {
                images.floats()[i] = (float) random.nextGaussian();
            }
            Tensor words = ints(random, 0, WORDS, BATCH, LENGTH);
            Tensors x = Tensors.of("x", this == NORMS ? images : words);
            Tensors all = this == RECURRENCES ? x.with("lengths", ints(random, 1, LENGTH + 1, BATCH)) : x;
            return new Batch(all, Tensors.of(ints(random, 0, CLASSES, BATCH)));
        }

        private static Tensor ints(SplittableRandom random, int from, int to, int... dims) {
            Shape shape = Shape.of(dims);
            return Tensor.of(random.ints(shape.size(), from, to).toArray(), shape);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anyNumberOfThreadsGivesTheSameBits(Net net) {
        Map<String, Tensor> single = trained(net, 1);
        for (int threads : new int[] {1, 2, 4, 8}) {
            assertThat(trained(net, threads)).as("%d threads", threads).isEqualTo(single);
        }
    }

    /** All that a model holds after some steps, and what it predicts then. */
    private static Map<String, Tensor> trained(Net net, int threads) {
        SplittableRandom random = new SplittableRandom(1);
        try (Model model = net.model(threads);
                Training training = model.training(crossEntropy(), net.optimizer(1e-2))) {
            for (int step = 0; step < STEPS; step++) {
                training.step(net.batch(random));
            }
            Map<String, Tensor> all = new LinkedHashMap<>(model.parameters().values());
            all.put("prediction", model.predict(net.batch(random).allInputs()).only());
            return all;
        }
    }

    @ParameterizedTest
    @EnumSource
    void runsAllocateNothing(Net net) {
        try (Model model = net.model(1);
                Training training = model.training(crossEntropy(), net.optimizer(1e-3))) {
            Batch batch = net.batch(new SplittableRandom(2));
            Program step = training.program(batch);
            step.write("target", batch.targets());
            assertThat(allocated(step, batch)).as("training").isZero();
            assertThat(allocated(model.predictor(BATCH), batch))
                    .as("prediction")
                    .isZero();
        }
    }

    /** What the best of some rounds of runs allocates. */
    private static long allocated(Program program, Batch batch) {
        batch.allInputs().all().forEach(program::write);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long self = Thread.currentThread().getId();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS && least > 0; round++) {
            long start = threads.getThreadAllocatedBytes(self);
            for (int run = 0; run < RUNS; run++) {
                program.run();
            }
            least = Math.min(least, threads.getThreadAllocatedBytes(self) - start);
        }
        return least;
    }
}
