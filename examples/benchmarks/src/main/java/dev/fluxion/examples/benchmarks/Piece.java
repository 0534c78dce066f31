package dev.fluxion.examples.benchmarks;

import java.util.List;

/** A layer of a net, for each library to make of it what it has. */
sealed interface Piece {
    /** What a library makes of this layer. */
    <L> L make(Maker<L> maker);

    /** How a library makes layers; parameters are asked for in this order, weight before bias, running mean before variance, body before shortcut. */
    interface Maker<L> {
        L conv(Conv conv);

        L norm(Norm norm);

        L linear(Linear linear);

        L plain(Plain plain);

        L residual(List<L> body, List<L> shortcut);

        L beside(List<L> body);

        L gated(Gated gated);

        L lstm(Lstm lstm);

        L layerNorm(LayerNorm norm);

        L attention(Attention attention);
    }

    /** A convolution with a square kernel, between groups of channels, with a bias or not. */
    record Conv(int in, int out, int kernel, int stride, int pad, int dilation, int groups, boolean bias)
            implements Piece {
        /** A convolution between all channels, of neighbours, with a bias. */
        Conv(int in, int out, int kernel, int stride, int pad) {
            this(in, out, kernel, stride, pad, 1, 1, true);
        }

        /** The same convolution without a bias. */
        Conv withoutBias() {
            return new Conv(in, out, kernel, stride, pad, dilation, groups, false);
        }

        /** The same convolution with steps between the taps of the kernel, and so much more padding. */
        Conv dilated(int steps) {
            return new Conv(in, out, kernel, stride, pad * steps, steps, groups, bias);
        }

        /** A convolution of each channel by itself. */
        static Conv depthwise(int channels, int kernel, int stride) {
            return new Conv(channels, channels, kernel, stride, kernel / 2, 1, channels, true);
        }

        @Override
        public <L> L make(Maker<L> maker) {
            return maker.conv(this);
        }
    }

    /** A batch normalisation of images, with weight, bias and running statistics. */
    record Norm(int channels) implements Piece {
        static final double EPS = 1e-5;
        static final double MOMENTUM = 0.1;

        @Override
        public <L> L make(Maker<L> maker) {
            return maker.norm(this);
        }
    }

    /** A fully connected layer with a bias, of samples or, in sequences, of each step. */
    record Linear(int in, int out, boolean ofSteps) implements Piece {
        /** One of samples. */
        Linear(int in, int out) {
            this(in, out, false);
        }

        @Override
        public <L> L make(Maker<L> maker) {
            return maker.linear(this);
        }
    }

    /** A layer without parameters; pools have windows of 2×2 side by side, and upsampling repeats each element in one. */
    enum Plain implements Piece {
        MAX_POOL,
        AVG_POOL,
        GLOBAL_AVG_POOL,
        UPSAMPLE,
        FLATTEN,
        /** The mean of all steps of a sequence. */
        MEAN_OF_STEPS,
        GELU,
        RELU,
        RELU6,
        SILU,
        TANH;

        @Override
        public <L> L make(Maker<L> maker) {
            return maker.plain(this);
        }
    }

    /** An lstm over sequences, whose gates have two biases. */
    record Lstm(int in, int hidden) implements Piece {
        @Override
        public <L> L make(Maker<L> maker) {
            return maker.lstm(this);
        }
    }

    /** A normalisation of each step, with weight and bias. */
    record LayerNorm(int width) implements Piece {
        static final double EPS = 1e-5;

        @Override
        public <L> L make(Maker<L> maker) {
            return maker.layerNorm(this);
        }
    }

    /** Attention of each step to all others; queries, keys and values are columns of one product. */
    record Attention(int width, int heads) implements Piece {
        /** Makes queries, keys and values. */
        Linear products() {
            return new Linear(width, 3 * width, true);
        }

        /** Makes the result of what all heads give. */
        Linear result() {
            return new Linear(width, width, true);
        }

        @Override
        public <L> L make(Maker<L> maker) {
            return maker.attention(this);
        }
    }

    /** shortcut(x) + body(x); an empty shortcut is x. */
    record Residual(List<Piece> body, List<Piece> shortcut) implements Piece {
        @Override
        public <L> L make(Maker<L> maker) {
            List<L> bodyLayers = makeAll(body, maker);
            return maker.residual(bodyLayers, makeAll(shortcut, maker));
        }
    }

    /** The channels of x, and behind them those of body(x). */
    record Beside(List<Piece> body) implements Piece {
        @Override
        public <L> L make(Maker<L> maker) {
            return maker.beside(makeAll(body, maker));
        }
    }

    /** Squeeze and excitation: each channel times a number, which two convolutions with a kernel of 1, silu between them, and sigmoid make of means. */
    record Gated(int channels, int squeezed) implements Piece {
        /** Makes the inner values of the means. */
        Conv squeeze() {
            return new Conv(channels, squeezed, 1, 1, 0);
        }

        /** Makes the numbers of the inner values. */
        Conv excite() {
            return new Conv(squeezed, channels, 1, 1, 0);
        }

        @Override
        public <L> L make(Maker<L> maker) {
            return maker.gated(this);
        }
    }

    /** What a library makes of layers, in order. */
    static <L> List<L> makeAll(List<Piece> pieces, Maker<L> maker) {
        return pieces.stream().map(piece -> piece.make(maker)).toList();
    }
}
