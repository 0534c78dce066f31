package dev.fluxion.examples.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.LongArrayRef;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * PyTorch through its JavaCPP presets: ATen functions on parameters, as {@code nn.Module} would call them, and its own
 * optimizer. Arguments that stay the same are made once. Each step has a {@link PointerScope}, so that nothing waits for the
 * garbage collector.
 */
@SuppressWarnings("try") // scopes and modes are entered and left, not used
final class PyTorchLibrary implements Library {
    private final boolean channelsLast;

    /** PyTorch with a number of threads, images and convolution weights in its default layout or channels-last. */
    PyTorchLibrary(int threads, boolean channelsLast) {
        torch.set_num_threads(threads);
        this.channelsLast = channelsLast;
    }

    /** A layer, applied to a tensor of PyTorch's. */
    private interface Forward extends UnaryOperator<Tensor> {}

    @Override
    public Session infer(Problem problem) {
        Maker maker = new Maker(problem, false);
        List<Forward> layers = Piece.makeAll(problem.net().pieces(), maker);
        Tensor inputs = tensor(problem.inputs());
        return new Session() {
            private PointerScope last = new PointerScope();
            private Tensor output = inputs;

            @Override
            public void run() {
                last.close();
                last = new PointerScope();
                try (InferenceMode mode = new InferenceMode()) {
                    output = apply(layers, inputs);
                }
            }

            @Override
            public float[] result() {
                float[] logits = new float[problem.batch() * problem.net().classes()];
                new FloatPointer(output.data_ptr_float()).get(logits);
                return logits;
            }

            @Override
            public void close() {
                last.close();
                maker.close();
                inputs.close();
            }
        };
    }

    @Override
    public Session train(Problem problem) {
        Maker maker = new Maker(problem, true);
        List<Forward> layers = Piece.makeAll(problem.net().pieces(), maker);
        Tensor inputs = tensor(problem.inputs());
        Tensor labels = labels(problem.labels().ints());
        SGD optimizer = new SGD(
                new TensorVector(maker.parameters.toArray(Tensor[]::new)), new SGDOptions(Problem.LEARNING_RATE));
        return new Session() {
            private float value;

            @Override
            public void run() {
                try (PointerScope scope = new PointerScope()) {
                    optimizer.zero_grad();
                    Tensor loss = torch.cross_entropy_loss(apply(layers, inputs), labels);
                    loss.backward();
                    optimizer.step();
                    value = loss.item_float();
                }
            }

            @Override
            public float[] result() {
                return new float[] {value};
            }

            @Override
            public void close() {
                optimizer.close();
                maker.close();
                inputs.close();
                labels.close();
            }
        };
    }

    private static Tensor apply(List<Forward> layers, Tensor inputs) {
        Tensor x = inputs;
        for (Forward layer : layers) {
            x = layer.apply(x);
        }
        return x;
    }

    private Tensor tensor(dev.fluxion.Tensor values) {
        try (FloatPointer floats = new FloatPointer(values.floats());
                Tensor view = torch.from_blob(floats, Problem.dims(values.shape()))) {
            return channelsLast && values.shape().rank() == 4
                    ? view.clone().contiguous(torch.MemoryFormat.ChannelsLast)
                    : view.clone();
        }
    }

    private static Tensor labels(int[] labels) {
        long[] classes = Arrays.stream(labels).asLongStream().toArray();
        try (LongPointer longs = new LongPointer(classes);
                TensorOptions options = new TensorOptions(torch.ScalarType.Long);
                Tensor view = torch.from_blob(longs, new long[] {labels.length}, options)) {
            return view.clone();
        }
    }

    /** Makes layers with the parameters of a problem, in their order. */
    private final class Maker implements Piece.Maker<Forward>, AutoCloseable {
        private final Problem problem;
        private final boolean training;
        private final List<Tensor> parameters = new ArrayList<>();
        /** Parameters and buffers. */
        private final List<Tensor> all = new ArrayList<>();
        /** What native lists refer to without keeping it. */
        private final List<LongPointer> kept = new ArrayList<>();

        private final List<TensorVector> vectors = new ArrayList<>();

        Maker(Problem problem, boolean training) {
            this.problem = problem;
            this.training = training;
        }

        private Tensor parameter() {
            Tensor tensor = buffer();
            tensor.requires_grad_(training);
            parameters.add(tensor);
            return tensor;
        }

        private Tensor buffer() {
            Tensor tensor = tensor(problem.weights().get(all.size()));
            all.add(tensor);
            return tensor;
        }

        @Override
        public Forward conv(Piece.Conv conv) {
            Tensor weight = parameter();
            TensorOptional bias = conv.bias() ? new TensorOptional(parameter()) : new TensorOptional();
            LongArrayRef stride = pair(conv.stride());
            LongArrayRef pad = pair(conv.pad());
            LongArrayRef dilation = pair(conv.dilation());
            return x -> torch.conv2d(x, weight, bias, stride, pad, dilation, conv.groups());
        }

        @Override
        public Forward norm(Piece.Norm norm) {
            TensorOptional weight = new TensorOptional(parameter());
            TensorOptional bias = new TensorOptional(parameter());
            TensorOptional mean = new TensorOptional(buffer());
            TensorOptional variance = new TensorOptional(buffer());
            return x -> torch.batch_norm(
                    x, weight, bias, mean, variance, training, Piece.Norm.MOMENTUM, Piece.Norm.EPS, false);
        }

        @Override
        public Forward linear(Piece.Linear linear) {
            Tensor weight = parameter();
            TensorOptional bias = new TensorOptional(parameter());
            return x -> torch.linear(x, weight, bias);
        }

        @Override
        public Forward plain(Piece.Plain plain) {
            LongArrayRef two = pair(2);
            LongArrayRef one = pair(1);
            return switch (plain) {
                case MAX_POOL -> x -> torch.max_pool2d(x, two);
                case AVG_POOL -> x -> torch.avg_pool2d(x, two);
                case GLOBAL_AVG_POOL -> x -> torch.adaptive_avg_pool2d(x, one);
                case UPSAMPLE -> x -> torch.upsample_nearest2d(x, 2 * x.size(2), 2 * x.size(3));
                case FLATTEN -> x -> torch.flatten(x, 1, -1);
                case MEAN_OF_STEPS -> x -> torch.mean(x, 1);
                case GELU -> torch::gelu;
                case RELU -> torch::relu;
                case RELU6 -> torch::relu6;
                case SILU -> torch::silu;
                case TANH -> torch::tanh;
            };
        }

        @Override
        public Forward residual(List<Forward> body, List<Forward> shortcut) {
            return x -> torch.add(apply(shortcut, x), apply(body, x));
        }

        @Override
        public Forward beside(List<Forward> body) {
            return x -> torch.cat(new TensorVector(x, apply(body, x)), 1);
        }

        @Override
        public Forward gated(Piece.Gated gated) {
            Forward squeeze = conv(gated.squeeze());
            Forward excite = conv(gated.excite());
            LongArrayRef one = pair(1);
            return x -> {
                Tensor inner = torch.silu(squeeze.apply(torch.adaptive_avg_pool2d(x, one)));
                return torch.mul(x, torch.sigmoid(excite.apply(inner)));
            };
        }

        @Override
        public Forward lstm(Piece.Lstm lstm) {
            TensorVector weights = new TensorVector(parameter(), parameter(), parameter(), parameter());
            vectors.add(weights);
            return x -> {
                Tensor zeros = torch.zeros(1, x.size(0), lstm.hidden());
                return torch.lstm(x, new TensorVector(zeros, zeros), weights, true, 1, 0, training, false, true)
                        .get0();
            };
        }

        @Override
        public Forward layerNorm(Piece.LayerNorm norm) {
            TensorOptional weight = new TensorOptional(parameter());
            TensorOptional bias = new TensorOptional(parameter());
            long[] columns = {norm.width()};
            return x -> torch.layer_norm(x, columns, weight, bias, Piece.LayerNorm.EPS, true);
        }

        @Override
        public Forward attention(Piece.Attention attention) {
            Forward products = linear(attention.products());
            Forward result = linear(attention.result());
            int heads = attention.heads();
            long width = attention.width() / heads;
            return x -> {
                long samples = x.size(0);
                long steps = x.size(1);
                Tensor all = products.apply(x).view(samples, steps, 3, heads, width);
                Tensor each = torch.permute(all, 2, 0, 3, 1, 4);
                Tensor mixed = torch.scaled_dot_product_attention(each.get(0), each.get(1), each.get(2));
                return result.apply(torch.transpose(mixed, 1, 2).reshape(samples, steps, attention.width()));
            };
        }

        @Override
        public void close() {
            vectors.forEach(TensorVector::close);
            all.forEach(Tensor::close);
            kept.forEach(LongPointer::close);
        }

        private LongArrayRef pair(int value) {
            LongPointer both = new LongPointer(value, value);
            kept.add(both);
            return new LongArrayRef(both, 2);
        }
    }
}
