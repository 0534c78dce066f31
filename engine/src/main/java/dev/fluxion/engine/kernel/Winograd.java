package dev.fluxion.engine.kernel;

import dev.fluxion.ffi.Convolution;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.MatMul;
import dev.fluxion.ffi.Window;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import java.util.stream.IntStream;

/**
 * A convolution with 3×3 kernels that takes 16 multiplications for 2×2 outputs instead of 36 (Lavin and Gray, "Fast
 * Algorithms for Convolutional Neural Networks", 2016, there called F(2×2, 3×3)).
 *
 * <p>The outputs fall into tiles of 2×2. The 4×4 numbers that a tile sees of a channel are added up at 16 positions, first in
 * columns and then in rows, and so are the weights. At each position, a matrix product multiplies the sums of the channels
 * by those of the weights. Sums of the products are the outputs.
 *
 * <p>The native library has fast kernels for all of it: sums of the inputs, and of the products of a tile as of a small
 * image, are convolutions of each channel for itself.
 *
 * <p>Its errors are those of rounding numbers as large as a kernel's largest products: relative to the largest results they are
 * as small as the plain sum's, but where a large weight meets numbers that are small beside others that the kernel sees, more of
 * them are lost. What is not finite gives NaN more often.
 *
 * @param x the shape of the images
 * @param y the shape of the results
 * @param pad the rows and columns of zeros around an image, at most 2
 */
public record Winograd(Shape x, Shape y, Size pad) {
    /** The number of positions. */
    public static final int POSITIONS = 16;

    /** The number of weights of a kernel. */
    public static final int TAPS = 9;

    /** With fewer channels or filters, the sums cost more than the products save. */
    private static final int CHANNELS = 32;

    private static final int ROW = 4;
    private static final int SIDE = 3;

    /** How fast the products are measured to be, by the kernels for plain convolutions. */
    private static final double SPEED = 0.93;
    /** What sums of an input take at all positions of a tile, by a multiplication at all of them. */
    private static final double INPUT = 17;
    /** The same for a result. */
    private static final double RESULT = 7;

    private static final int WIDE = 16;
    /** Wide vectors make products faster, but not the sums, which wait for memory: so much more they take by a multiplication. */
    private static final double SLOWER = 2.35;

    /** More bytes leave a second-level cache for so long that sums take even more. */
    private static final long FAR = 1 << 24;

    private static final double FARTHER = 1.5;

    /** Which two of four inputs in a row are added at a position, with which factors. */
    private static final int[][] PLACES = {{0, 2}, {1, 2}, {1, 2}, {1, 3}};

    private static final float[][] INPUTS = {{1, -1}, {1, 1}, {-1, 1}, {1, -1}};
    /** The factors of three weights in a row. */
    private static final float[][] WEIGHTS = {{1, 0, 0}, {.5f, .5f, .5f}, {-.5f, .5f, -.5f}, {0, 0, 1}};
    /** The factors of three products in a row. The signs of the others are such that these are the same for both outputs. */
    private static final float[] OUTPUT = {1, 1, -1};
    /** The factors of the gradients of two outputs in a row in that of a product. */
    private static final float[][] GRADIENTS = {{1, 0}, {1, 1}, {-1, 1}, {0, -1}};

    /** Sums over the channels of images, each for itself: a convolution, and the weights of each channel, row-major. */
    @SuppressWarnings("ArrayRecordComponent")
    public record Sums(Convolution convolution, float[] factors) {}

    /** Whether a convolution with weights of shape {@code w} has this form, and channels enough to gain by it. */
    public static boolean fits(ConvSpec spec, Shape w) {
        boolean plain = new ConvSpec(Size.of(1), spec.pad(), Size.of(1), 1).equals(spec);
        boolean padded = spec.pad().h() < SIDE && spec.pad().w() < SIDE;
        boolean square = w.dim(2) == SIDE && w.dim(3) == SIDE;
        return plain && padded && square && Math.min(w.dim(0), w.dim(1)) >= CHANNELS;
    }

    /**
     * Whether the products and the sums are measured to take less time than the plain convolution, given how many numbers vectors
     * hold.
     */
    public boolean isFaster(int lanes) {
        double c = channels();
        double k = filters();
        double sums = (INPUT * c + RESULT * k) * (lanes < WIDE ? 1 : SLOWER) * (bytes() <= FAR ? 1 : FARTHER);
        return (SPEED * saving() - 1) * c * k > sums;
    }

    /** The bytes of the sums and the products. */
    public long bytes() {
        return (long) POSITIONS * tiles() * (channels() + filters()) * Float.BYTES;
    }

    /** The multiplications of the plain convolution, which leaves out the zeros around an image, by those at all positions. */
    private double saving() {
        long plain = taps(x.dim(2), y.dim(2), pad.h()) * taps(x.dim(3), y.dim(3), pad.w());
        return (double) plain / (POSITIONS * rows() * columns());
    }

    /** How many inputs in a row all outputs in a row see, zeros left out. */
    private static long taps(int inputs, int outputs, int pad) {
        return IntStream.range(0, outputs)
                .mapToLong(i -> Math.min(i - pad + SIDE, inputs) - Math.max(i - pad, 0))
                .sum();
    }

    /** The form of the gradient of the images: a convolution of the results' gradient with the weights turned around. */
    public Winograd gradient() {
        return new Winograd(y, x, Size.of(SIDE - 1 - pad.h(), SIDE - 1 - pad.w()));
    }

    /** The form with another number of filters. */
    public Winograd filters(int count) {
        return new Winograd(x, y.with(1, count), pad);
    }

    /** The number of channels of the images. */
    public int channels() {
        return x.dim(1);
    }

    /** The number of filters, which are the channels of the results. */
    public int filters() {
        return y.dim(1);
    }

    /** The number of tiles from top to bottom. */
    public int rows() {
        return (y.dim(2) + 1) / 2;
    }

    /** The number of tiles from left to right. */
    public int columns() {
        return (y.dim(3) + 1) / 2;
    }

    /** The number of tiles of all images. */
    public int tiles() {
        return x.dim(0) * rows() * columns();
    }

    /** The sums of inputs: per position, a row per tile with a number per channel. */
    public Layout inputs() {
        return Layout.plain(POSITIONS, tiles(), channels());
    }

    /** The gradients of the products: per position, a row per tile with a number per filter. */
    public Layout gradients() {
        return Layout.plain(POSITIONS, tiles(), filters());
    }

    /** The products: per tile, a small image with a number per filter. */
    public Layout products() {
        return Layout.channelsLast(tiles(), filters(), ROW, ROW);
    }

    /** The results, tile by tile. */
    public Layout results() {
        return Layout.channelsLast(tiles(), filters(), 2, 2);
    }

    /** Weights with those of one tap side by side. */
    public static Layout tapsFirst(Shape weights) {
        long pairs = (long) weights.dim(0) * weights.dim(1);
        return Layout.strided(dims(weights), new long[] {weights.dim(1), 1, SIDE * pairs, pairs});
    }

    private static long[] dims(Shape shape) {
        return new long[] {shape.dim(0), shape.dim(1), shape.dim(2), shape.dim(3)};
    }

    /** The sums of inputs at a position. */
    public Sums inputSums(int position) {
        return sums(
                Layout.channelsLast(dims(x)),
                Layout.channelsLast(x.dim(0), channels(), rows(), columns()),
                Axis.ofInputs(position / ROW, pad.h(), x.dim(2), rows()),
                Axis.ofInputs(position % ROW, pad.w(), x.dim(3), columns()));
    }

    /** The sums of gradients of the results at a position. */
    public Sums gradientSums(int position) {
        return sums(
                Layout.channelsLast(dims(y)),
                Layout.channelsLast(y.dim(0), filters(), rows(), columns()),
                Axis.ofGradients(position / ROW, y.dim(2), rows()),
                Axis.ofGradients(position % ROW, y.dim(3), columns()));
    }

    /** The position at which the sums of gradients are those of all gradients of a tile. */
    public static int wholeTile() {
        return ROW + 1;
    }

    /** The sums of products. */
    public Sums productSums() {
        Axis both = new Axis(OUTPUT, 1, 1, 0, 0);
        return sums(products(), results(), both, both);
    }

    private static Sums sums(Layout from, Layout to, Axis down, Axis across) {
        Window window = Window.of(down.factors.length, across.factors.length)
                .stride(down.stride, across.stride)
                .dilation(down.gap, across.gap)
                .padding(new long[] {down.before, across.before}, new long[] {down.after, across.after});
        Layout weights = Layout.any(from.dims()[1], 1, 1, down.factors.length, across.factors.length);
        return new Sums(Convolution.of(from, weights, to, window), outer(down.factors, across.factors));
    }

    /** The products of the sums of inputs and those of weights, over the channels. */
    public MatMul product() {
        long k = filters();
        Layout to = Layout.strided(new long[] {POSITIONS, tiles(), k}, new long[] {k, POSITIONS * k, 1});
        return MatMul.of(inputs(), Layout.any(POSITIONS, channels(), k), to);
    }

    /** The gradients of the sums of weights, per position and filter: products over the tiles. */
    public MatMul sumGradients() {
        long k = filters();
        long t = tiles();
        Layout turned = Layout.strided(new long[] {POSITIONS, k, t}, new long[] {t * k, 1, k});
        return MatMul.of(turned, inputs(), Layout.plain(POSITIONS, k, channels()));
    }

    /** The sums of weights, from their factors and the weights with the taps first: a row per position. */
    public MatMul weightSums() {
        long pairs = (long) channels() * filters();
        return MatMul.of(Layout.plain(POSITIONS, TAPS), Layout.plain(TAPS, pairs), Layout.plain(POSITIONS, pairs));
    }

    /** The gradients of the weights with the taps first, from the factors of their sums and the gradients of these. */
    public MatMul weightGradients() {
        long pairs = (long) channels() * filters();
        Layout turned = Layout.strided(new long[] {TAPS, POSITIONS}, new long[] {1, TAPS});
        return MatMul.of(turned, Layout.plain(POSITIONS, pairs), Layout.plain(TAPS, pairs));
    }

    /** The factors of the weights in their sums: a row per position. If {@code turned}, those of weights turned around. */
    public static float[] factors(boolean turned) {
        float[] all = new float[POSITIONS * TAPS];
        for (int position = 0; position < POSITIONS; position++) {
            float[] row = outer(WEIGHTS[position / ROW], WEIGHTS[position % ROW]);
            for (int tap = 0; tap < TAPS; tap++) {
                all[position * TAPS + tap] = row[turned ? TAPS - 1 - tap : tap];
            }
        }
        return all;
    }

    private static float[] outer(float[] down, float[] across) {
        float[] out = new float[down.length * across.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = down[i / across.length] * across[i % across.length];
        }
        return out;
    }

    /** Sums along one axis: factors, the gap between what they multiply, the step from sum to sum, the zeros around. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Axis(float[] factors, int gap, int stride, int before, int after) {
        /**
         * A tile's inputs begin as many places before it as there are zeros around. The library has no kernels that begin
         * behind them, or that see nothing but the zeros at the end: factors of 0 make them begin earlier.
         */
        static Axis ofInputs(int position, int pad, int size, int tiles) {
            int first = PLACES[position][0];
            int last = PLACES[position][1];
            int start = Math.min(Math.min(first, pad), size - 1 + pad - 2 * (tiles - 1));
            int before = pad - start;
            int after = 2 * (tiles - 1) + last - start + 1 - size - before;
            if (start == first) {
                return new Axis(INPUTS[position], last - first, 2, before, after);
            }
            float[] factors = new float[last - start + 1];
            factors[first - start] = INPUTS[position][0];
            factors[last - start] = INPUTS[position][1];
            return new Axis(factors, 1, 2, before, after);
        }

        static Axis ofGradients(int position, int size, int tiles) {
            return new Axis(GRADIENTS[position], 1, 2, 0, 2 * tiles - size);
        }
    }
}
