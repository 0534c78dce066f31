package dev.fluxion.examples.benchmarks;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Shape;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** A net as an ONNX model. Field numbers are those of onnx.proto3. */
final class OnnxModel {
    static final String INPUT = "input";
    static final String OUTPUT = "output";
    private static final int IR_VERSION = 8;
    private static final int OPERATOR_SET = 17;
    private static final int FLOAT = 1;
    private static final int ATTRIBUTE_INT = 2;
    private static final int ATTRIBUTE_STRING = 3;
    private static final int ATTRIBUTE_INTS = 7;

    private final Problem problem;
    private final Protobuf graph = new Protobuf();
    private int values;
    private int parameters;

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
        return new Protobuf().put(1, IR_VERSION).put(8, operators).put(7, graph).bytes();
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
        Tensor tensor = problem.weights().get(parameters);
        String name = "parameter" + parameters++;
        Protobuf initializer = new Protobuf();
        for (long dim : Problem.dims(tensor.shape())) {
            initializer.put(1, dim);
        }
        graph.put(5, initializer.put(2, FLOAT).put(8, name).put(9, tensor.floats()));
        return name;
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
            return weighted("Gemm", 2, integer("transB", 1));
        }

        @Override
        public UnaryOperator<String> plain(Piece.Plain plain) {
            return switch (plain) {
                case MAX_POOL -> operator("MaxPool", ints("kernel_shape", 2, 2), ints("strides", 2, 2));
                case AVG_POOL -> operator("AveragePool", ints("kernel_shape", 2, 2), ints("strides", 2, 2));
                case GLOBAL_AVG_POOL -> operator("GlobalAveragePool");
                case UPSAMPLE -> OnnxModel.this::upsample;
                case FLATTEN -> operator("Flatten", integer("axis", 1));
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

        @Override
        public UnaryOperator<String> residual(List<UnaryOperator<String>> body, List<UnaryOperator<String>> shortcut) {
            return x -> node("Add", "value" + values++, List.of(apply(shortcut, x), apply(body, x)));
        }
    }
}
