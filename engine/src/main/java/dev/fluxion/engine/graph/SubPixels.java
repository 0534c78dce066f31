package dev.fluxion.engine.graph;

import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.IntSupplier;
import java.util.stream.Stream;

/**
 * Rewrites transposed convolutions of predictions that make few channels, which kernels pad to a whole vector. Where windows move
 * by s, each of the s·s phases of the result is a convolution of the small images with every s-th tap; with one filter for each
 * phase and channel, a single convolution makes them all, whose results are then put side by side. Zeros take the place of taps
 * that some phases have and others lack.
 */
public final class SubPixels {
    /** What moving a number costs, in multiplications. */
    private static final long MOVE = 100;

    /** The first axis of images along which kernels move. */
    private static final int FIRST_PLACE = 2;

    private final OfParameters ofParameters;
    private final IntSupplier lanes;

    private SubPixels(Graph graph, IntSupplier lanes) {
        this.ofParameters = new OfParameters(graph.order());
        this.lanes = lanes;
    }

    /**
     * The rewritten graph.
     *
     * @param lanes how many channels kernels compute at once
     */
    public static Graph apply(Graph graph, IntSupplier lanes) {
        boolean predicts =
                graph.stages().stream().allMatch(stage -> stage.updates().isEmpty());
        return predicts ? Rewriter.rewriteKnowing(graph, new SubPixels(graph, lanes)::rewrite) : graph;
    }

    private Expr rewrite(Expr original, Expr e) {
        if (!(e.op() instanceof Contraction.ConvGradInput op) || !ofParameters.contains(original.input(1))) {
            return e;
        }
        ConvSpec spec = op.spec();
        boolean moves = spec.stride().h() * spec.stride().w() > 1;
        if (!moves || e.shape().size() == 0 || !spec.dilation().equals(Size.of(1)) || spec.groups() > 1) {
            return e;
        }
        Optional<Side> rows = Side.of(e, 0, spec.stride().h(), spec.pad().h());
        Optional<Side> columns = Side.of(e, 1, spec.stride().w(), spec.pad().w());
        return rows.isPresent() && columns.isPresent() && isWorthwhile(e, rows.get(), columns.get())
                ? phases(e, rows.get(), columns.get())
                : e;
    }

    /**
     * How phases read the rows, or the columns, of the small images.
     *
     * @param step how far windows move in the result
     * @param front zeros in front of the taps of the kernel
     * @param taps of each phase
     * @param before zeros in front of the small images
     * @param after zeros behind them
     * @param places of each phase
     * @param skipped results in front of the first that is wanted
     */
    private record Side(int step, int front, int taps, int before, int after, int places, int skipped) {
        /** The one with the fewest products; none if results see nothing but zeros. */
        static Optional<Side> of(Expr e, int side, int step, int pad) {
            int axis = FIRST_PLACE + side;
            int kernel = e.input(1).shape().dim(axis);
            int small = e.input(0).shape().dim(axis);
            int large = e.shape().dim(axis);
            return Stream.of(0, Math.floorMod(-pad, step))
                    .map(front -> of(step, front, kernel, pad + front, small, large))
                    .filter(s -> s.before >= 0 && s.after >= 0 && s.after < s.taps)
                    .min(Comparator.comparingInt(s -> s.taps * s.places));
        }

        /** Given how many results lie in front of the first that is wanted, with zeros in front of the taps. */
        private static Side of(int step, int front, int kernel, int unread, int small, int large) {
            int taps = (kernel + front + step - 1) / step;
            int before = taps - 1 - unread / step;
            int places = (unread % step + large + step - 1) / step;
            return new Side(step, front, taps, before, places + taps - 1 - small - before, places, unread % step);
        }

        Expr kernels(Expr w, int axis) {
            return w.pad(axis, front, taps * step - front - w.shape().dim(axis), 0);
        }

        int around() {
            return Math.min(before, after);
        }

        Expr images(Expr x, int axis) {
            return x.pad(axis, before - around(), after - around(), 0);
        }

        Expr wanted(Expr all, int axis, int extent) {
            return extent == all.shape().dim(axis) ? all : all.slice(axis, skipped, skipped + extent);
        }
    }

    private boolean isWorthwhile(Expr e, Side rows, Side columns) {
        Shape small = e.input(0).shape();
        Shape w = e.input(1).shape();
        long all = (long) w.dim(1) * rows.step * columns.step;
        long places = (long) rows.places * columns.places;
        long before = padded(w.dim(1)) * w.dim(2) * w.dim(3) * small.dim(2) * small.dim(3);
        long after = padded(all) * rows.taps * columns.taps * places;
        return before * w.dim(0) > after * w.dim(0) + MOVE * all * places;
    }

    private long padded(long channels) {
        int vector = lanes.getAsInt();
        return (channels + vector - 1) / vector * vector;
    }

    private static Expr phases(Expr e, Side rows, Side columns) {
        Shape w = e.input(1).shape();
        Shape to = e.shape();
        Expr tiles = columns.kernels(rows.kernels(e.input(1), 2), 3)
                .reshape(w.dim(0), w.dim(1), rows.taps, rows.step, columns.taps, columns.step);
        Expr filters = Reversed.along(4, Reversed.along(2, tiles))
                .transpose(3, 5, 1, 0, 2, 4)
                .reshape(rows.step * columns.step * w.dim(1), w.dim(0), rows.taps, columns.taps);
        Size around = new Size(rows.around(), columns.around());
        Expr all = columns.images(rows.images(e.input(0), 2), 3)
                .conv(filters, new ConvSpec(Size.of(1), around, Size.of(1), 1));
        Expr beside = all.reshape(to.dim(0), rows.step, columns.step, to.dim(1), rows.places, columns.places)
                .transpose(0, 3, 4, 1, 5, 2)
                .reshape(to.dim(0), to.dim(1), rows.places * rows.step, columns.places * columns.step);
        return columns.wanted(rows.wanted(beside, 2, to.dim(2)), 3, to.dim(3));
    }
}
