package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.*;

import dev.fluxion.Input;
import dev.fluxion.Layer;
import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Shape;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Nets of all kinds, to be traced and saved. */
final class SavedNets {
    private SavedNets() {}

    /**
     * A net.
     *
     * @param name what failures show
     * @param ids integers of inputs are below this, and at least 1
     */
    record Net(String name, Layer layer, List<Input> inputs, int ids) {
        Model model() {
            return Model.of(
                    layer, inputs.get(0), inputs.subList(1, inputs.size()).toArray(Input[]::new));
        }

        /** Inputs of some rows, with extents that are smaller than the largest ones by a number. */
        Tensors samples(int rows, int less, long seed) {
            SplittableRandom random = new SplittableRandom(seed);
            Tensors all = Tensors.none();
            for (Input input : inputs) {
                Shape shape = input.sample();
                for (int axis : input.varying().keySet()) {
                    shape = shape.with(axis, Math.max(1, shape.dim(axis) - less));
                }
                Shape batch = new Input(input.name(), input.type(), shape, Map.of(), false).batched(rows);
                all = all.with(input.name(), tensor(input, batch, random));
            }
            return all;
        }

        private Tensor tensor(Input input, Shape shape, SplittableRandom random) {
            if (input.type() == DType.FLOAT) {
                Tensor t = Tensor.of(new float[shape.size()], shape);
                for (int i = 0; i < t.size(); i++) {
                    t.floats()[i] = (float) random.nextGaussian();
                }
                return t;
            }
            Tensor t = Tensor.of(new int[shape.size()], shape);
            for (int i = 0; i < t.size(); i++) {
                t.ints()[i] = input.name().equals("padding")
                        ? i % shape.dim(1) > 1 ? random.nextInt(2) : 0
                        : random.nextInt(1, input.name().equals("lengths") ? 3 : ids);
            }
            return t;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static Layer block(int in, int out, int stride) {
        return Seq.of(
                residual(Seq.of(
                                conv(in, out, 3).stride(stride).pad(1).bias(false),
                                batchNorm(out),
                                relu(),
                                conv(out, out, 3).pad(1).bias(false),
                                batchNorm(out)))
                        .shortcut(Seq.of(conv(in, out, 1).stride(stride).bias(false), batchNorm(out))),
                relu());
    }

    private static final Layer TOWER = shared(Seq.of(linear(12), relu(), linear(4)));

    static final List<Net> ALL = List.of(
            net(
                    "digits",
                    Seq.of(conv(1, 4, 3), maxPool(2), conv(4, 6, 3), maxPool(2), flatten(), linear(10)),
                    floats(1, 28, 28)),
            net(
                    "resnet",
                    Seq.of(
                            conv(3, 4, 3).pad(1).bias(false),
                            batchNorm(4),
                            relu(),
                            block(4, 6, 2),
                            block(6, 8, 2),
                            globalAvgPool(),
                            linear(5)),
                    floats(3, 16, 16)),
            net(
                    "images of any size",
                    Seq.of(
                            conv(3, 4, 3).pad(1).bias(false),
                            batchNorm(4),
                            relu(),
                            block(4, 6, 2),
                            globalAvgPool(),
                            linear(5)),
                    floats(3, 40, 36).varies(1, "H").varies(2, "W")),
            net(
                    "images with mirrored, round and repeated edges",
                    Seq.of(
                            pad(2, 1, 1, 2).reflect(),
                            pad(1, 0, 0, 1).circular(),
                            pad(1).replicate(),
                            conv(3, 6, 3),
                            instanceNorm(6)),
                    floats(3, 24, 20).varies(1, "H").varies(2, "W")),
            net(
                    "images that grow",
                    Seq.of(
                            conv(2, 3, 3).pad(1),
                            upsample(2).bilinear(),
                            conv(3, 2, 3).stride(2),
                            concat(
                                    upsample(3).exact(),
                                    upsample(3).bicubic(),
                                    upsample(3).bilinear().alignCorners())),
                    floats(2, 12, 14).varies(1, "H").varies(2, "W")),
            net(
                    "images that get one size",
                    Seq.of(conv(2, 3, 3).pad(1), resize(6, 5).bilinear(), resize(7, 4), flatten(), linear(3)),
                    floats(2, 24, 20).varies(1, "H").varies(2, "W")),
            net(
                    "windows of images",
                    Seq.of(unfold(3).stride(2).pad(1), layer("mean()", (scope, x) -> x.mean(2)), linear(4)),
                    floats(2, 24, 20).varies(1, "H").varies(2, "W")),
            net(
                    "tagger",
                    Seq.of(
                            embedding(50, 6).paddingIndex(0),
                            lstm(6, 8).layers(2).dropout(0.2).bidirectional().lengths("lengths"),
                            dropout(0.3),
                            linear(16, 5)),
                    Input.ints("ids", 20).varies(0, "T"),
                    Input.ints("lengths")),
            net(
                    "translator",
                    Seq.of(
                            embedding(30, 8),
                            positionalEncoding(),
                            transformerEncoderLayer(8, 2).keyPaddingMask("padding"),
                            as("source"),
                            input("target"),
                            embedding(40, 8).named("words"),
                            positionalEncoding().learned(15),
                            transformerDecoderLayer(8, 2)
                                    .causal()
                                    .memory("source")
                                    .memoryKeyPaddingMask("padding"),
                            linear(8, 40).bias(false).weight("words.weight")),
                    Input.ints("ids", 18).varies(0, "S"),
                    Input.ints("padding", 18).varies(0, "S"),
                    Input.ints("target", 15).varies(0, "T")),
            net(
                    "towers",
                    Seq.of(TOWER, output("anchor"), input("positive"), TOWER, tanh(), output("positive"), softmax(1)),
                    Input.floats("x", 9),
                    Input.floats("positive", 9)),
            net(
                    "norms",
                    Seq.of(
                            conv(3, 4, 3).pad(1),
                            groupNorm(2, 4),
                            silu(),
                            product(
                                    Seq.of(conv(4, 4, 1), sigmoid()),
                                    conv(4, 4, 1).named("plain")),
                            instanceNorm(4).affine(true).trackRunningStats(true),
                            flatten(),
                            linear(6),
                            batchNorm(6).cumulative(true).affine(false),
                            rmsNorm(6),
                            linear(3)),
                    floats(3, 5, 4)),
            net(
                    "words",
                    Seq.of(
                            embedding(table()).frozen(true),
                            multiHeadAttention(8, 4).keyHeads(2).rotary().causal(),
                            rnn(8, 6).relu().layers(2),
                            transformerEncoderLayer(6, 2).normFirst().activation(gelu()),
                            linear(6, 4)),
                    Input.ints("ids", 16).varies(0, "T")),
            net(
                    "memories",
                    Seq.of(
                            embedding(30, 8),
                            as("words"),
                            lstm(8, 6).projection(3).bidirectional(),
                            as("states"),
                            input("words"),
                            multiHeadAttention(8, 2)
                                    .memory("states", "other")
                                    .memoryWidth(6, 5)
                                    .causal()
                                    .weights("weights")
                                    .named("cross"),
                            as("told"),
                            input("weights"),
                            output("weights"),
                            input("told"),
                            linear(8, 4)),
                    Input.ints("ids", 16).varies(0, "T"),
                    Input.floats("other", 16, 5).varies(0, "T")),
            net(
                    "bags",
                    concat(
                            embeddingBag(30, 5).max().paddingIndex(1),
                            embeddingBag(30, 2).sum()),
                    Input.ints("ids", 7).varies(0, "T")),
            net(
                    "stream",
                    Seq.of(linear(3, 6), gru(6, 5).initial("h0").states("h"), layerNorm(), linear(2)),
                    Input.floats("x", 12, 3).varies(0, "T"),
                    Input.floats("h0", 1, 5)));

    private static Tensor table() {
        return new Net("table", identity(), List.of(floats(8)), 0)
                .samples(30, 0, 1)
                .only();
    }

    private static Input floats(int... sample) {
        return Input.floats("input", sample);
    }

    private static Net net(String name, Layer layer, Input... inputs) {
        return new Net(name, layer, List.of(inputs), 30);
    }
}
