package dev.fluxion.examples.benchmarks;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** A net as an ONNX model. Field numbers are those of onnx.proto3. */
final class OnnxModel {
    static final String INPUT = "input";
    static final String OUTPUT = "output";
    private static final int IR_VERSION = 9;
    private static final int OPERATOR_SET = 20;
    /** The domain of what ONNX Runtime has besides. */
    private static final String OWN = "com.microsoft";

    private static final int FLOAT = 1;
    private static final int INT64 = 7;
    private static final int ATTRIBUTE_INT = 2;
    private static final int ATTRIBUTE_STRING = 3;
    private static final int ATTRIBUTE_INTS = 7;

    private final Problem problem;
    private final Protobuf graph = new Protobuf();
    private int values;
    private int parameters;
    private int initializers;

    private OnnxModel(Problem problem) {
        this.problem = problem;
    }

    /** The bytes of the model of a problem's net, with its weights and for its batch size. */
    static byte[] of(Problem problem) {
        return new OnnxModel(problem).write();
    }

    private byte[] write() {
        List<UnaryOperator<String>> layers = Piece.makeAll(problem.net().pieces(), new Maker());
        String last = apply(layers, INPUT);
        node("Identity", OUTPUT, List.of(last));
        graph.put(2, problem.net().name())
                .put(11, value(INPUT, problem.inputs().shape()))
                .put(12, value(OUTPUT, Shape.of(problem.batch(), problem.net().classes())));
        Protobuf operators = new Protobuf().put(1, "").put(2, OPERATOR_SET);
        Protobuf own = new Protobuf().put(1, OWN).put(2, 1);
        return new Protobuf()
                .put(1, IR_VERSION)
                .put(8, operators)
                .put(8, own)
                .put(7, graph)
                .bytes();
    }

    private static String apply(List<UnaryOperator<String>> layers, String input) {
        String x = input;
        for (UnaryOperator<String> layer : layers) {
            x = layer.apply(x);
        }
        return x;
    }

    private String node(String operator, String output, List<String> inputs, Protobuf... attributes) {
        Protobuf node = new Protobuf();
        inputs.forEach(input -> node.put(1, input));
        node.put(2, output).put(4, operator);
        for (Protobuf attribute : attributes) {
            node.put(5, attribute);
        }
        graph.put(1, node);
        return output;
    }

    /** A node of an operator that the runtime has besides those of the standard. */
    private String own(String operator, List<String> inputs, Protobuf attribute) {
        Protobuf node = new Protobuf();
        inputs.forEach(input -> node.put(1, input));
        String output = "value" + values++;
        graph.put(1, node.put(2, output).put(4, operator).put(5, attribute).put(7, OWN));
        return output;
    }

    private UnaryOperator<String> operator(String operator, Protobuf... attributes) {
        return x -> node(operator, "value" + values++, List.of(x), attributes);
    }

    private UnaryOperator<String> weighted(String operator, int count, Protobuf... attributes) {
        List<String> own = Stream.generate(this::parameter).limit(count).toList();
        return x -> node(
                operator,
                "value" + values++,
                Stream.concat(Stream.of(x), own.stream()).toList(),
                attributes);
    }

    private String parameter() {
        return initializer(next());
    }

    private Tensor next() {
        return problem.weights().get(parameters++);
    }

    private String initializer(Tensor tensor) {
        String name = "parameter" + initializers++;
        Protobuf initializer = new Protobuf();
        for (long dim : Problem.dims(tensor.shape())) {
            initializer.put(1, dim);
        }
        graph.put(5, initializer.put(2, FLOAT).put(8, name).put(9, tensor.floats()));
        return name;
    }

    private String integers(long... numbers) {
        String name = "integers" + initializers++;
        ByteBuffer bytes = ByteBuffer.allocate(numbers.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(numbers);
        graph.put(
                5,
                new Protobuf().put(1, numbers.length).put(2, INT64).put(8, name).put(9, bytes.array()));
        return name;
    }

    private String make(String operator, List<String> inputs, Protobuf... attributes) {
        return node(operator, "value" + values++, inputs, attributes);
    }

    /** A matrix with its rows for columns. */
    private static Tensor transposed(Tensor matrix) {
        int rows = matrix.shape().dim(0);
        int columns = matrix.shape().dim(1);
        Tensor other = Tensor.zeros(columns, rows);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                other.floats()[j * rows + i] = matrix.floats()[i * columns + j];
            }
        }
        return other;
    }

    /** Gates in ONNX's order, input, output, forget, cell, from PyTorch's, in which the output comes last. */
    private static float[] gates(Tensor... parts) {
        int total = Stream.of(parts).mapToInt(Tensor::size).sum();
        FloatBuffer all = FloatBuffer.allocate(total);
        for (Tensor part : parts) {
            int gate = part.size() / 4;
            for (int from : new int[] {0, 3, 1, 2}) {
                all.put(part.floats(), from * gate, gate);
            }
        }
        return all.array();
    }

    /** Each element four times: the empty name stands for an input that is left out. */
    private String upsample(String x) {
        String scales = "scales" + values;
        float[] factors = {1, 1, 2, 2};
        graph.put(
                5,
                new Protobuf()
                        .put(1, factors.length)
                        .put(2, FLOAT)
                        .put(8, scales)
                        .put(9, factors));
        return node(
                "Resize",
                "value" + values++,
                List.of(x, "", scales),
                text("mode", "nearest"),
                text("coordinate_transformation_mode", "asymmetric"),
                text("nearest_mode", "floor"));
    }

    private String relu6(String x) {
        return node("Clip", "value" + values++, List.of(x, scalar(0), scalar(6)));
    }

    private String silu(String x) {
        String sigmoid = node("Sigmoid", "value" + values++, List.of(x));
        return node("Mul", "value" + values++, List.of(x, sigmoid));
    }

    private String scalar(float number) {
        String name = "scalar" + values++;
        graph.put(5, new Protobuf().put(2, FLOAT).put(8, name).put(9, new float[] {number}));
        return name;
    }

    private static Protobuf value(String name, Shape shape) {
        Protobuf dims = new Protobuf();
        for (long dim : Problem.dims(shape)) {
            dims.put(1, new Protobuf().put(1, dim));
        }
        Protobuf type = new Protobuf().put(1, new Protobuf().put(1, FLOAT).put(2, dims));
        return new Protobuf().put(1, name).put(2, type);
    }

    private static Protobuf ints(String name, int... numbers) {
        Protobuf attribute = new Protobuf().put(1, name);
        for (int number : numbers) {
            attribute.put(8, number);
        }
        return attribute.put(20, ATTRIBUTE_INTS);
    }

    private static Protobuf text(String name, String value) {
        return new Protobuf().put(1, name).put(4, value).put(20, ATTRIBUTE_STRING);
    }

    private static Protobuf integer(String name, int number) {
        return new Protobuf().put(1, name).put(3, number).put(20, ATTRIBUTE_INT);
    }

    /** Layers as functions from the name of a value to the name of a value. */
    private final class Maker implements Piece.Maker<UnaryOperator<String>> {
        @Override
        public UnaryOperator<String> conv(Piece.Conv conv) {
            int pad = conv.pad();
            return weighted(
                    "Conv",
                    conv.bias() ? 2 : 1,
                    ints("kernel_shape", conv.kernel(), conv.kernel()),
                    ints("strides", conv.stride(), conv.stride()),
                    ints("pads", pad, pad, pad, pad),
                    ints("dilations", conv.dilation(), conv.dilation()),
                    integer("group", conv.groups()));
        }

        /** Its ε is ONNX's if nothing is said. */
        @Override
        public UnaryOperator<String> norm(Piece.Norm norm) {
            return weighted("BatchNormalization", 4);
        }

        @Override
        public UnaryOperator<String> linear(Piece.Linear linear) {
            if (!linear.ofSteps()) {
                return weighted("Gemm", 2, integer("transB", 1));
            }
            String weight = initializer(transposed(next()));
            String bias = parameter();
            return x -> make("Add", List.of(make("MatMul", List.of(x, weight)), bias));
        }

        @Override
        public UnaryOperator<String> plain(Piece.Plain plain) {
            return switch (plain) {
                case MAX_POOL -> operator("MaxPool", ints("kernel_shape", 2, 2), ints("strides", 2, 2));
                case AVG_POOL -> operator("AveragePool", ints("kernel_shape", 2, 2), ints("strides", 2, 2));
                case GLOBAL_AVG_POOL -> operator("GlobalAveragePool");
                case UPSAMPLE -> OnnxModel.this::upsample;
                case FLATTEN -> operator("Flatten", integer("axis", 1));
                case MEAN_OF_STEPS -> x -> make("ReduceMean", List.of(x, integers(1)), integer("keepdims", 0));
                case GELU -> operator("Gelu");
                case RELU -> operator("Relu");
                case RELU6 -> OnnxModel.this::relu6;
                case SILU -> OnnxModel.this::silu;
                case TANH -> operator("Tanh");
            };
        }

        @Override
        public UnaryOperator<String> beside(List<UnaryOperator<String>> body) {
            return x -> node("Concat", "value" + values++, List.of(x, apply(body, x)), integer("axis", 1));
        }

        @Override
        public UnaryOperator<String> gated(Piece.Gated gated) {
            UnaryOperator<String> squeeze = conv(gated.squeeze());
            UnaryOperator<String> excite = conv(gated.excite());
            return x -> {
                String means = node("GlobalAveragePool", "value" + values++, List.of(x));
                String gate = node("Sigmoid", "value" + values++, List.of(excite.apply(silu(squeeze.apply(means)))));
                return node("Mul", "value" + values++, List.of(x, gate));
            };
        }

        /** Steps come first, with an axis of directions behind them. */
        @Override
        public UnaryOperator<String> lstm(Piece.Lstm lstm) {
            int hidden = lstm.hidden();
            String weights = initializer(Tensor.of(gates(next()), Shape.of(1, 4 * hidden, lstm.in())));
            String state = initializer(Tensor.of(gates(next()), Shape.of(1, 4 * hidden, hidden)));
            String biases = initializer(Tensor.of(gates(next(), next()), Shape.of(1, 8 * hidden)));
            return x -> {
                String steps = make("Transpose", List.of(x), ints("perm", 1, 0, 2));
                String all = make("LSTM", List.of(steps, weights, state, biases), integer("hidden_size", hidden));
                String alone = make("Squeeze", List.of(all, integers(1)));
                return make("Transpose", List.of(alone), ints("perm", 1, 0, 2));
            };
        }

        /** Its ε is ONNX's if nothing is said, and so is its axis, the last one. */
        @Override
        public UnaryOperator<String> layerNorm(Piece.LayerNorm norm) {
            return weighted("LayerNormalization", 2);
        }

        /** As one operator of the runtime's own. */
        @Override
        public UnaryOperator<String> attention(Piece.Attention attention) {
            String weight = initializer(transposed(next()));
            String bias = parameter();
            UnaryOperator<String> result = linear(attention.result());
            return x ->
                    result.apply(own("Attention", List.of(x, weight, bias), integer("num_heads", attention.heads())));
        }

        @Override
        public UnaryOperator<String> residual(List<UnaryOperator<String>> body, List<UnaryOperator<String>> shortcut) {
            return x -> node("Add", "value" + values++, List.of(apply(shortcut, x), apply(body, x)));
        }
    }
}
