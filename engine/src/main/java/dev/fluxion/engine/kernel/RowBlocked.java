package dev.fluxion.engine.kernel;

import dev.fluxion.ffi.Convolution;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.MatMul;
import dev.fluxion.ffi.Window;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A convolution of few filters, with which kernels that compute the channels of a result at once fill their vectors only in
 * part. Strips of neighbouring results of a row fill them: the results of a strip are computed as channels of a single one, by a
 * convolution that takes longer steps, with each filter once for every place in the strip. Those filters are wider than the
 * given ones, with zeros where a result does not look.
 *
 * <p>Channels last, the strips lie in memory as the results do.
 *
 * <p>An infinite input makes all results of a strip NaN that has it in sight.
 *
 * @param x the shape of the images
 * @param w the shape of the filters: their number, the channels, the kernel
 * @param y the shape of the results
 * @param spec how the filters move: without gaps, in one group
 * @param turned whether the convolution is that of a gradient: filters and channels of the weights are exchanged, kernels turned around
 * @param width the results in a strip
 */
public record RowBlocked(Shape x, Shape w, Shape y, ConvSpec spec, boolean turned, int width) {
    /** With fewer strips in a row, kernels wait for one sum before they go on with the next. */
    private static final int COLUMNS = 4;

    /** What strips must save at least: they are measured to take as long as they multiply, but their filters want to be made. */
    private static final double SAVING = 0.3;

    /** Numbers that tell the places of taps, at most: of large kernels that are turned around they would fill the memory. */
    private static final long PLACES = 1 << 20;

    /**
     * A convolution in strips of all widths that make it faster, the best first.
     *
     * @param lanes the channels that kernels compute at once
     */
    public static List<RowBlocked> of(Shape x, Shape w, Shape y, ConvSpec spec, int lanes) {
        boolean plain = spec.equals(new ConvSpec(spec.stride(), spec.pad(), Size.of(1), 1));
        return plain ? better(new RowBlocked(x, w, y, spec, false, 1), lanes) : List.of();
    }

    /**
     * The gradient of the images of a convolution in strips of all widths that make it faster, the best first.
     *
     * @param g the shape of the gradient of the results
     * @param w the shape of the weights of the convolution
     * @param x the shape of its images
     * @param spec how its filters move
     * @param lanes the channels that kernels compute at once
     */
    public static List<RowBlocked> ofGradient(Shape g, Shape w, Shape x, ConvSpec spec, int lanes) {
        boolean plain = spec.equals(new ConvSpec(Size.of(1), spec.pad(), Size.of(1), 1));
        int above = w.dim(2) - 1 - spec.pad().h();
        int before = w.dim(3) - 1 - spec.pad().w();
        if (!plain || above < 0 || before < 0) {
            return List.of();
        }
        ConvSpec full = new ConvSpec(Size.of(1), Size.of(above, before), Size.of(1), 1);
        Shape exchanged = Shape.of(w.dim(1), w.dim(0), w.dim(2), w.dim(3));
        return better(new RowBlocked(g, exchanged, x, full, true, 1), lanes);
    }

    private static List<RowBlocked> better(RowBlocked single, int lanes) {
        int columns = single.y.dim(3);
        return IntStream.rangeClosed(2, columns / COLUMNS)
                .filter(width -> columns % width == 0)
                .mapToObj(single::width)
                .filter(s -> s.cost(lanes) <= (1 - SAVING) * single.cost(lanes))
                .filter(s -> s.filterPlaces().right().elements() <= PLACES)
                .sorted(Comparator.comparingDouble(s -> s.cost(lanes)))
                .toList();
    }

    private RowBlocked width(int count) {
        return new RowBlocked(x, w, y, spec, turned, count);
    }

    /**
     * Multiplications for the results at a place, of one channel and one row of the kernel, including those of lanes and zeros
     * that nobody wants, to be compared with other widths.
     */
    private double cost(int lanes) {
        int filled = width * w.dim(0);
        int blocks = (filled + lanes - 1) / lanes;
        return (double) blocks * lanes * columns() / width;
    }

    /** Vectors of multiplications that the strips save in the results of so many images. */
    public double saved(int images, int lanes) {
        double each = (width(1).cost(lanes) - cost(lanes)) / lanes;
        return each * images * y.dim(2) * y.dim(3) * w.dim(1) * w.dim(2);
    }

    /** The columns of the wider filters. */
    private int columns() {
        return w.dim(3) + (width - 1) * spec.stride().w();
    }

    /** The weights of a filter for one channel. */
    public int taps() {
        return w.dim(2) * w.dim(3);
    }

    private long[] filters() {
        return new long[] {(long) width * w.dim(0), w.dim(1), w.dim(2), columns()};
    }

    /** The convolution with the wider filters, of images and to strips that lie channels last. */
    public Convolution convolution() {
        Window window = Window.of(w.dim(2), columns())
                .stride(spec.stride().h(), (long) width * spec.stride().w())
                .padding(spec.pad().h(), spec.pad().w());
        Layout images = Layout.channelsLast(x.dim(0), x.dim(1), x.dim(2), x.dim(3));
        Layout strips = Layout.channelsLast(y.dim(0), filters()[0], y.dim(2), y.dim(3) / width);
        return Convolution.of(images, Layout.any(filters()), strips, window);
    }

    /** The rows of a kernel that find their places together: all, where they change them, else each for itself. */
    private int rows() {
        return turned ? w.dim(2) : 1;
    }

    /** The wider filters, dense and row-major, of the given weights and {@link #places}. */
    public MatMul filterPlaces() {
        long some = (long) rows() * w.dim(3);
        long wide = (long) rows() * columns();
        long all = (long) w.dim(1) * w.dim(2) / rows();
        long[] given = {1, w.dim(0), all, some};
        long[] strides =
                turned ? new long[] {0, taps(), (long) w.dim(0) * taps(), 1} : new long[] {0, all * some, some, 1};
        return MatMul.of(
                Layout.strided(given, strides),
                Layout.plain(width, 1, some, wide),
                Layout.plain(width, w.dim(0), all, wide));
    }

    /** The layout of the wider filters as {@link #filterPlaces} makes them. */
    public Layout plainFilters() {
        return Layout.plain(filters());
    }

    /** For each place in a strip, where the taps of a filter are in those of a wider one: a row of zeros and a one for each. */
    public float[] places() {
        int some = rows() * w.dim(3);
        int wide = rows() * columns();
        float[] all = new float[width * some * wide];
        for (int place = 0; place < width; place++) {
            for (int tap = 0; tap < some; tap++) {
                int row = tap / w.dim(3);
                int column = tap % w.dim(3) + place * spec.stride().w();
                int given = turned ? some - 1 - tap : tap;
                all[(place * some + given) * wide + row * columns() + column] = 1;
            }
        }
        return all;
    }

    /** The layout of the biases as {@link #biasPlaces} makes them. */
    public Layout plainBias() {
        return Layout.plain(filters()[0]);
    }

    /** The bias of each filter, once for every place in a strip, from ones and the bias. */
    public MatMul biasPlaces() {
        return MatMul.of(Layout.plain(width, 1), Layout.plain(1, w.dim(0)), Layout.plain(width, w.dim(0)));
    }
}
