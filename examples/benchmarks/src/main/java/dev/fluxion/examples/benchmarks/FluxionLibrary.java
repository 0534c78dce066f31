package dev.fluxion.examples.benchmarks;

import dev.fluxion.Layer;
import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.layer.Layers;
import dev.fluxion.dsl.layer.Residual;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.loss.Losses;
import dev.fluxion.dsl.optim.Optimizers;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.Training;
import dev.fluxion.engine.Program;
import dev.fluxion.ir.Shape;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Fluxion as its users have it: {@code predict} and {@code step}, batches on the Java heap. */
record FluxionLibrary(int threads) implements Library {
    private static final int PROFILE_RUNS = 10;
    /** The buffer of a norm that other libraries do not need. */
    private static final String COUNT = "num_batches_tracked";

    @Override
    public Session infer(Problem problem) {
        Model model = model(problem);
        return new Session() {
            private Tensor output = Tensor.vector();

            @Override
            public void run() {
                output = model.predict(problem.inputs());
            }

            @Override
            public float[] result() {
                return output.floats();
            }

            @Override
            public String profile() {
                Program program = model.predictor(problem.batch());
                program.write("input", problem.inputs());
                return program.profile(PROFILE_RUNS).toString();
            }

            @Override
            public void close() {
                model.close();
            }
        };
    }

    @Override
    public Session train(Problem problem) {
        Model model = model(problem);
        Training training = model.training(Losses.crossEntropy(), Optimizers.sgd(Problem.LEARNING_RATE));
        Batch batch = new Batch(problem.inputs(), problem.labels());
        return new Session() {
            private float loss;

            @Override
            public void run() {
                loss = training.step(batch);
            }

            @Override
            public float[] result() {
                return new float[] {loss};
            }

            @Override
            public String profile() {
                return training.program(problem.batch()).profile(PROFILE_RUNS).toString();
            }

            @Override
            public void close() {
                model.close();
            }
        };
    }

    private Model model(Problem problem) {
        Seq net = seq(Piece.makeAll(problem.net().pieces(), new Maker()));
        Model model = Model.of(net, problem.net().sample().dims()).threads(threads);
        Map<String, Tensor> values = new HashMap<>();
        Iterator<Tensor> weights = problem.weights().iterator();
        for (String name : model.parameters().values().keySet()) {
            boolean counts = name.endsWith(COUNT);
            values.put(name, counts ? Tensor.of(new float[1], Shape.scalar()) : weights.next());
        }
        model.parameters().load(values);
        return model;
    }

    private static Seq seq(List<Layer> layers) {
        return Seq.of(layers.toArray(Layer[]::new));
    }

    private static final class Maker implements Piece.Maker<Layer> {
        @Override
        public Layer conv(Piece.Conv conv) {
            return Layers.conv(conv.in(), conv.out(), conv.kernel())
                    .stride(conv.stride())
                    .pad(conv.pad())
                    .dilation(conv.dilation())
                    .groups(conv.groups())
                    .bias(conv.bias());
        }

        @Override
        public Layer norm(Piece.Norm norm) {
            return Layers.batchNorm(norm.channels()).eps(Piece.Norm.EPS).momentum(Piece.Norm.MOMENTUM);
        }

        @Override
        public Layer linear(Piece.Linear linear) {
            return Layers.linear(linear.in(), linear.out());
        }

        @Override
        public Layer plain(Piece.Plain plain) {
            return switch (plain) {
                case MAX_POOL -> Layers.maxPool(2);
                case AVG_POOL -> Layers.avgPool(2);
                case GLOBAL_AVG_POOL -> Layers.globalAvgPool();
                case UPSAMPLE -> Layers.upsample(2);
                case FLATTEN -> Layers.flatten();
                case MEAN_OF_STEPS -> Layers.layer("mean of steps", (scope, x) -> x.mean(1));
                case GELU -> Layers.gelu();
                case RELU -> Layers.relu();
                case RELU6 -> Layers.relu6();
                case SILU -> Layers.silu();
                case TANH -> Layers.tanh();
            };
        }

        @Override
        public Layer residual(List<Layer> body, List<Layer> shortcut) {
            Residual residual = Layers.residual(seq(body));
            return shortcut.isEmpty() ? residual : residual.shortcut(seq(shortcut));
        }

        @Override
        public Layer beside(List<Layer> body) {
            return Layers.concat(Layers.identity(), seq(body));
        }

        @Override
        public Layer lstm(Piece.Lstm lstm) {
            return Layers.lstm(lstm.in(), lstm.hidden());
        }

        @Override
        public Layer layerNorm(Piece.LayerNorm norm) {
            return Layers.layerNorm(norm.width()).eps(Piece.LayerNorm.EPS);
        }

        @Override
        public Layer attention(Piece.Attention attention) {
            return Layers.multiHeadAttention(attention.width(), attention.heads());
        }

        @Override
        public Layer gated(Piece.Gated gated) {
            return Layers.squeezeExcite(gated.channels(), gated.squeezed()).activation(Layers.silu());
        }
    }
}
