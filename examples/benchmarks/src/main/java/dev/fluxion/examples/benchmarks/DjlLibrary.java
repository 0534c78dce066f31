package dev.fluxion.examples.benchmarks;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.nn.recurrent.LSTM;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.translate.NoopTranslator;
import ai.djl.translate.TranslateException;
import java.util.List;

/** DJL's own blocks, predictor and trainer on its PyTorch engine. */
final class DjlLibrary implements Library {
    private static final String ENGINE = "PyTorch";

    /** DJL with a number of threads; it reads them once, when its engine is loaded. */
    DjlLibrary(int threads) {
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads));
        System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
    }

    @Override
    public Session infer(Problem problem) {
        Model model = model(problem);
        load(model, problem);
        NDManager manager = model.getNDManager().newSubManager();
        NDList inputs = new NDList(inputs(manager, problem));
        Predictor<NDList, NDList> predictor = model.newPredictor(new NoopTranslator(null));
        return new Session() {
            private NDList output = new NDList();

            @Override
            public void run() {
                output.close();
                try {
                    output = predictor.predict(inputs);
                } catch (TranslateException e) {
                    throw new IllegalStateException(e);
                }
            }

            @Override
            public float[] result() {
                return output.singletonOrThrow().toFloatArray();
            }

            @Override
            public void close() {
                predictor.close();
                manager.close();
                model.close();
            }
        };
    }

    @Override
    public Session train(Problem problem) {
        Model model = model(problem);
        Optimizer sgd = Optimizer.sgd()
                .setLearningRateTracker(Tracker.fixed((float) Problem.LEARNING_RATE))
                .build();
        Trainer trainer = model.newTrainer(new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss()).optOptimizer(sgd));
        load(model, problem);
        NDManager manager = model.getNDManager().newSubManager();
        NDArray inputs = inputs(manager, problem);
        NDArray labels = manager.create(problem.labels().ints()).reshape(problem.batch(), 1);
        return new Session() {
            private float value;

            @Override
            public void run() {
                try (NDManager step = manager.newSubManager()) {
                    NDList batch = new NDList(inputs);
                    NDList expected = new NDList(labels);
                    try (GradientCollector collector = trainer.newGradientCollector()) {
                        NDList logits = trainer.forward(batch);
                        NDArray loss = trainer.getLoss().evaluate(expected, logits);
                        step.attachAll(loss, logits.singletonOrThrow());
                        collector.backward(loss);
                        value = loss.getFloat();
                    }
                    trainer.step();
                }
            }

            @Override
            public float[] result() {
                return new float[] {value};
            }

            @Override
            public void close() {
                manager.close();
                trainer.close();
                model.close();
            }
        };
    }

    private static Model model(Problem problem) {
        SequentialBlock net = sequence(Piece.makeAll(problem.net().pieces(), new Maker()));
        Model model = Model.newInstance(problem.net().name(), ENGINE);
        model.setBlock(net);
        return model;
    }

    /** Gives the parameters their values; they come in the order of the net. */
    private static void load(Model model, Problem problem) {
        Block net = model.getBlock();
        net.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(problem.inputDims()));
        List<Parameter> parameters = net.getParameters().values();
        for (int i = 0; i < parameters.size(); i++) {
            parameters.get(i).getArray().set(problem.weights().get(i).floats());
        }
    }

    private static NDArray inputs(NDManager manager, Problem problem) {
        return manager.create(problem.inputs().floats(), new Shape(problem.inputDims()));
    }

    private static SequentialBlock sequence(List<Block> blocks) {
        SequentialBlock sequence = new SequentialBlock();
        sequence.addAll(blocks);
        return sequence;
    }

    private static final class Maker implements Piece.Maker<Block> {
        @Override
        public Block conv(Piece.Conv conv) {
            return Conv2d.builder()
                    .setKernelShape(square(conv.kernel()))
                    .setFilters(conv.out())
                    .optStride(square(conv.stride()))
                    .optPadding(square(conv.pad()))
                    .optDilation(square(conv.dilation()))
                    .optGroups(conv.groups())
                    .optBias(conv.bias())
                    .build();
        }

        @Override
        public Block norm(Piece.Norm norm) {
            return BatchNorm.builder()
                    .optEpsilon((float) Piece.Norm.EPS)
                    .optMomentum((float) (1 - Piece.Norm.MOMENTUM))
                    .build();
        }

        @Override
        public Block linear(Piece.Linear linear) {
            return Linear.builder().setUnits(linear.out()).build();
        }

        @Override
        public Block plain(Piece.Plain plain) {
            return switch (plain) {
                case MAX_POOL -> Pool.maxPool2dBlock(square(2), square(2));
                case AVG_POOL -> Pool.avgPool2dBlock(square(2), square(2));
                case GLOBAL_AVG_POOL -> Pool.globalAvgPool2dBlock();
                case UPSAMPLE -> LambdaBlock.singleton(x -> x.repeat(2, 2).repeat(3, 2));
                case FLATTEN -> Blocks.batchFlattenBlock();
                case MEAN_OF_STEPS -> LambdaBlock.singleton(x -> x.mean(new int[] {1}));
                case GELU -> Activation.geluBlock();
                case RELU -> Activation.reluBlock();
                case RELU6 -> Activation.relu6Block();
                case SILU -> Activation.swishBlock(1);
                case TANH -> Activation.tanhBlock();
            };
        }

        @Override
        public Block residual(List<Block> body, List<Block> shortcut) {
            Block kept = shortcut.isEmpty() ? Blocks.identityBlock() : sequence(shortcut);
            return new ParallelBlock(
                    both -> new NDList(
                            both.get(1).singletonOrThrow().add(both.get(0).singletonOrThrow())),
                    List.of(sequence(body), kept));
        }

        @Override
        public Block beside(List<Block> body) {
            return new ParallelBlock(
                    both -> new NDList(
                            both.get(0).singletonOrThrow().concat(both.get(1).singletonOrThrow(), 1)),
                    List.of(Blocks.identityBlock(), sequence(body)));
        }

        @Override
        public Block gated(Piece.Gated gated) {
            List<Block> gate = List.of(
                    LambdaBlock.singleton(x -> x.mean(new int[] {2, 3}, true)),
                    conv(gated.squeeze()),
                    Activation.swishBlock(1),
                    conv(gated.excite()),
                    Activation.sigmoidBlock());
            return new ParallelBlock(
                    both -> new NDList(
                            both.get(1).singletonOrThrow().mul(both.get(0).singletonOrThrow())),
                    List.of(sequence(gate), Blocks.identityBlock()));
        }

        @Override
        public Block lstm(Piece.Lstm lstm) {
            return LSTM.builder()
                    .setStateSize(lstm.hidden())
                    .setNumLayers(1)
                    .optBatchFirst(true)
                    .build();
        }

        @Override
        public Block layerNorm(Piece.LayerNorm norm) {
            return LayerNorm.builder()
                    .axis(2)
                    .optEpsilon((float) Piece.LayerNorm.EPS)
                    .build();
        }

        @Override
        public Block attention(Piece.Attention attention) {
            int heads = attention.heads();
            double scale = 1 / Math.sqrt((double) attention.width() / heads);
            return sequence(List.of(
                    linear(attention.products()),
                    LambdaBlock.singleton(all -> mixed(all, heads, scale)),
                    linear(attention.result())));
        }

        private static NDArray mixed(NDArray all, long heads, double scale) {
            long samples = all.getShape().get(0);
            long steps = all.getShape().get(1);
            long width = all.getShape().get(2) / 3;
            NDArray each = all.reshape(samples, steps, 3, heads, width / heads).transpose(2, 0, 3, 1, 4);
            NDArray weights =
                    each.get(0).matMul(each.get(1).swapAxes(2, 3)).mul(scale).softmax(3);
            return weights.matMul(each.get(2)).swapAxes(1, 2).reshape(samples, steps, width);
        }

        private static Shape square(int extent) {
            return new Shape(extent, extent);
        }
    }
}
