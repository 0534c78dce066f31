package dev.fluxion.examples.benchmarks;

import static dev.fluxion.examples.benchmarks.Piece.Plain.AVG_POOL;
import static dev.fluxion.examples.benchmarks.Piece.Plain.FLATTEN;
import static dev.fluxion.examples.benchmarks.Piece.Plain.GLOBAL_AVG_POOL;
import static dev.fluxion.examples.benchmarks.Piece.Plain.MAX_POOL;
import static dev.fluxion.examples.benchmarks.Piece.Plain.RELU;
import static dev.fluxion.examples.benchmarks.Piece.Plain.TANH;

import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A net of the comparison.
 *
 * @param name how tables and options call it
 * @param title what it is, for people
 * @param sample the shape of one input
 * @param classes how many outputs it has
 * @param batches the batch sizes it is measured with
 * @param pieces its layers
 */
record Net(String name, String title, Shape sample, int classes, List<Integer> batches, List<Piece> pieces) {
    private static final Shape COLOUR = Shape.of(3, 32, 32);
    private static final Shape GREY = Shape.of(1, 28, 28);

    /** All nets, in the order of the tables. */
    static List<Net> all() {
        return Stream.concat(
                        Stream.of(cifar(), mnist(), mlp(), lenet(), vgg(), resnet(), normed(), tiny()),
                        Stream.concat(
                                Stream.concat(Vision.nets().stream(), Language.nets().stream()),
                                Untuned.nets().stream()))
                .toList();
    }

    /** The net of a name. */
    static Net named(String name) {
        return all().stream()
                .filter(net -> net.name.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(Errors.unknownNet(name)));
    }

    /**
     * The first numbers of a parameter or buffer: uniform.
     *
     * @param least the least of them
     * @param most no number is more
     */
    record First(Shape shape, double least, double most) {
        static First within(Shape shape, double bound) {
            return new First(shape, -bound, bound);
        }
    }

    /** The parameters and buffers, in the order in which a {@link Piece.Maker} asks for them. */
    List<First> parameters() {
        List<First> all = new ArrayList<>();
        Piece.makeAll(pieces, new Parameters(all));
        return all;
    }

    private static Net cifar() {
        List<Piece> pieces = List.of(
                conv(3, 32, 5, 2),
                MAX_POOL,
                conv(32, 32, 5, 2),
                MAX_POOL,
                conv(32, 64, 5, 2),
                MAX_POOL,
                FLATTEN,
                linear(1024, 64),
                linear(64, 10));
        return new Net("cifar", "CIFAR tutorial net", COLOUR, 10, List.of(1, 8, 64, 256), pieces);
    }

    private static Net mnist() {
        List<Piece> pieces = List.of(
                conv(1, 32, 3, 0),
                MAX_POOL,
                conv(32, 64, 3, 0),
                MAX_POOL,
                FLATTEN,
                linear(1600, 64),
                RELU,
                linear(64, 10));
        return new Net("mnist", "MNIST tutorial net", GREY, 10, List.of(1, 8, 64, 256), pieces);
    }

    private static Net mlp() {
        List<Piece> pieces = List.of(linear(784, 512), RELU, linear(512, 512), RELU, linear(512, 10));
        return new Net("mlp", "MLP 784-512-512-10", Shape.of(784), 10, List.of(1, 64), pieces);
    }

    private static Net lenet() {
        List<Piece> pieces = List.of(
                conv(1, 6, 5, 2),
                TANH,
                AVG_POOL,
                conv(6, 16, 5, 0),
                TANH,
                AVG_POOL,
                FLATTEN,
                linear(400, 120),
                TANH,
                linear(120, 84),
                TANH,
                linear(84, 10));
        return new Net("lenet", "LeNet-5", GREY, 10, List.of(1, 64), pieces);
    }

    private static Net vgg() {
        List<Piece> pieces = new ArrayList<>();
        int in = 3;
        for (int out : new int[] {64, 128, 256}) {
            pieces.addAll(List.of(conv(in, out, 3, 1), RELU, conv(out, out, 3, 1), RELU, MAX_POOL));
            in = out;
        }
        pieces.addAll(List.of(FLATTEN, linear(4096, 256), RELU, linear(256, 10)));
        return new Net("vgg", "VGG-like, 6 convolutions", COLOUR, 10, List.of(1, 64), pieces);
    }

    /** ResNet-18 as it is used on 32×32 images: 3×3 stem, four stages of two blocks; no normalisation. */
    private static Net resnet() {
        List<Piece> pieces = new ArrayList<>(List.of(conv(3, 64, 3, 1), RELU));
        int in = 64;
        for (int out : new int[] {64, 128, 256, 512}) {
            pieces.addAll(block(in, out, in == out ? 1 : 2));
            pieces.addAll(block(out, out, 1));
            in = out;
        }
        pieces.addAll(List.of(GLOBAL_AVG_POOL, FLATTEN, linear(512, 10)));
        return new Net("resnet", "ResNet-18 without normalisation", COLOUR, 10, List.of(1, 64), pieces);
    }

    private static List<Piece> block(int in, int out, int stride) {
        List<Piece> body = List.of(new Piece.Conv(in, out, 3, stride, 1), RELU, conv(out, out, 3, 1));
        List<Piece> shortcut = stride == 1 ? List.of() : List.of(new Piece.Conv(in, out, 1, stride, 0));
        return List.of(new Piece.Residual(body, shortcut), RELU);
    }

    /** The same with batch norms, as it is used. */
    private static Net normed() {
        List<Piece> pieces = new ArrayList<>(normed(3, 64, 3, 1));
        pieces.add(RELU);
        int in = 64;
        for (int out : new int[] {64, 128, 256, 512}) {
            pieces.addAll(normedBlock(in, out, in == out ? 1 : 2));
            pieces.addAll(normedBlock(out, out, 1));
            in = out;
        }
        pieces.addAll(List.of(GLOBAL_AVG_POOL, FLATTEN, linear(512, 10)));
        return new Net("normed", "ResNet-18 with batch norm", COLOUR, 10, List.of(64), pieces);
    }

    private static List<Piece> normedBlock(int in, int out, int stride) {
        List<Piece> body = new ArrayList<>(normed(in, out, 3, stride));
        body.add(RELU);
        body.addAll(normed(out, out, 3, 1));
        List<Piece> shortcut = stride == 1 ? List.of() : normed(in, out, 1, stride);
        return List.of(new Piece.Residual(body, shortcut), RELU);
    }

    private static List<Piece> normed(int in, int out, int kernel, int stride) {
        return List.of(new Piece.Conv(in, out, kernel, stride, kernel / 2).withoutBias(), new Piece.Norm(out));
    }

    private static Net tiny() {
        List<Piece> pieces = List.of(linear(4, 16), RELU, linear(16, 3));
        return new Net("tiny", "MLP 4-16-3", Shape.of(4), 3, List.of(1), pieces);
    }

    static Piece conv(int in, int out, int kernel, int pad) {
        return new Piece.Conv(in, out, kernel, 1, pad);
    }

    static Piece linear(int in, int out) {
        return new Piece.Linear(in, out);
    }

    /** Notes parameters: those of layers keep the size of what goes through them; what it makes of a layer does not matter. */
    private record Parameters(List<First> all) implements Piece.Maker<Boolean> {
        @Override
        public Boolean conv(Piece.Conv conv) {
            return weighted(Shape.of(conv.out(), conv.in() / conv.groups(), conv.kernel(), conv.kernel()), conv.bias());
        }

        @Override
        public Boolean norm(Piece.Norm norm) {
            Shape channels = Shape.of(norm.channels());
            First near = new First(channels, 0.5, 1.5);
            First small = First.within(channels, 0.5);
            return all.addAll(List.of(near, small, small, near));
        }

        @Override
        public Boolean linear(Piece.Linear linear) {
            return weighted(Shape.of(linear.out(), linear.in()), true);
        }

        @Override
        public Boolean lstm(Piece.Lstm lstm) {
            int gates = 4 * lstm.hidden();
            double bound = 1 / Math.sqrt(lstm.hidden());
            Shape biases = Shape.of(gates);
            return all.addAll(List.of(
                    First.within(Shape.of(gates, lstm.in()), bound),
                    First.within(Shape.of(gates, lstm.hidden()), bound),
                    First.within(biases, bound),
                    First.within(biases, bound)));
        }

        @Override
        public Boolean layerNorm(Piece.LayerNorm norm) {
            Shape columns = Shape.of(norm.width());
            return all.addAll(List.of(new First(columns, 0.5, 1.5), First.within(columns, 0.5)));
        }

        @Override
        public Boolean attention(Piece.Attention attention) {
            return linear(attention.products()) && linear(attention.result());
        }

        private boolean weighted(Shape weight, boolean bias) {
            double fan = weight.without(0).size();
            all.add(First.within(weight, Math.sqrt(3 / fan)));
            return !bias || all.add(First.within(Shape.of(weight.dim(0)), Math.sqrt(1 / fan)));
        }

        @Override
        public Boolean plain(Piece.Plain plain) {
            return true;
        }

        @Override
        public Boolean residual(List<Boolean> body, List<Boolean> shortcut) {
            return true;
        }

        @Override
        public Boolean beside(List<Boolean> body) {
            return true;
        }

        @Override
        public Boolean gated(Piece.Gated gated) {
            return conv(gated.squeeze()) && conv(gated.excite());
        }
    }
}
