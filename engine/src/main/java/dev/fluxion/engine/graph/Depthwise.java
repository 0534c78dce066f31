package dev.fluxion.engine.graph;

import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;

/**
 * Rewrites depthwise convolutions and their gradients to ones that kernels are made for. Kernels compute some places of a row
 * together and take no more padding at its ends than that: images get the padding of their rows beforehand. And no kernel computes
 * the gradient of images whose windows have gaps: where windows move by one, it is the convolution of the results' gradient with
 * the weights turned round.
 */
public final class Depthwise {
    private static final Size ONE = Size.of(1);
    /** Lanes of AVX2 and of AVX-512. */
    private static final int NARROW = 8;

    private static final int WIDE = 16;
    /** Images become no wider than this. */
    private static final long TIMES_AS_WIDE = 8;

    /** How much padding kernels take at each end of a row, by the width of vectors. */
    private static final int LEAST_ROOM = 4;

    private static final int ROOM = 6;
    private static final int ROWS = 2;
    private static final int COLUMNS = 3;

    private final IntSupplier lanes;
    private final Map<Framed, Expr> framed = new HashMap<>();

    private Depthwise(IntSupplier lanes) {
        this.lanes = lanes;
    }

    /**
     * The rewritten graph.
     *
     * @param lanes how many channels kernels compute at once; there are none for few
     */
    public static Graph apply(Graph graph, IntSupplier lanes) {
        return Rewriter.rewrite(graph, new Depthwise(lanes)::rewrite);
    }

    private boolean hasKernels() {
        return lanes.getAsInt() >= NARROW;
    }

    private int room() {
        return lanes.getAsInt() < WIDE ? LEAST_ROOM : ROOM;
    }

    private Expr rewrite(Expr e) {
        if (e.op() instanceof Contraction.Conv op) {
            ConvSpec spec = op.spec();
            Shape w = e.input(1).shape();
            return isApart(spec, w) && isWide(spec, e.input(0), w, e.shape())
                    ? padded(e.input(0), spec, w, e.shape())
                            .conv(e.input(1), withPad(spec, spec.pad().h(), 0))
                    : e;
        }
        if (e.op() instanceof Contraction.ConvGradInput op) {
            ConvSpec spec = op.spec();
            boolean gaps = spec.stride().equals(ONE) && !spec.dilation().equals(ONE);
            return isApart(spec, e.input(1).shape()) && gaps && hasKernels() ? turned(e, spec) : e;
        }
        if (e.op() instanceof Contraction.ConvGradWeight op) {
            ConvSpec spec = op.spec();
            Expr g = e.input(1);
            return isApart(spec, op.weight()) && isWide(spec, e.input(0), op.weight(), g.shape())
                    ? new Expr(
                            new Contraction.ConvGradWeight(
                                    withPad(spec, spec.pad().h(), 0), op.weight()),
                            List.of(padded(e.input(0), spec, op.weight(), g.shape()), g))
                    : e;
        }
        return e;
    }

    private static boolean isApart(ConvSpec spec, Shape w) {
        return spec.groups() > 1 && w.dim(0) == spec.groups() && w.dim(1) == 1;
    }

    /** Whether rows have more padding than kernels take, but windows reach the images, which would not consist of it. */
    private boolean isWide(ConvSpec spec, Expr x, Shape w, Shape y) {
        return spec.pad().w() > LEAST_ROOM
                && hasKernels()
                && spec.pad().w() > room()
                && read(spec, w, y) > spec.pad().w()
                && read(spec, w, y) <= TIMES_AS_WIDE * x.shape().dim(COLUMNS);
    }

    /** How many columns windows read, those of padding among them. */
    private static long read(ConvSpec spec, Shape w, Shape y) {
        return (y.dim(COLUMNS) - 1L) * spec.stride().w()
                + (w.dim(COLUMNS) - 1L) * spec.dilation().w()
                + 1;
    }

    private static ConvSpec withPad(ConvSpec spec, int rows, int columns) {
        return new ConvSpec(spec.stride(), new Size(rows, columns), spec.dilation(), spec.groups());
    }

    /** The columns of images that windows read. */
    private Expr padded(Expr x, ConvSpec spec, Shape w, Shape y) {
        int before = spec.pad().w();
        return framed(
                x, COLUMNS, before, (int) read(spec, w, y) - before - x.shape().dim(COLUMNS));
    }

    /** The gradient of images by the weights turned round. */
    private Expr turned(Expr e, ConvSpec spec) {
        Expr w = e.input(1);
        long rows = around(w.shape().dim(ROWS), spec.dilation().h(), spec.pad().h());
        long columns =
                around(w.shape().dim(COLUMNS), spec.dilation().w(), spec.pad().w());
        int width = e.input(0).shape().dim(COLUMNS);
        if (width + 2 * columns > TIMES_AS_WIDE * width) {
            return e;
        }
        int cut = (int) Math.min(rows, 0);
        int frame = columns > room() ? (int) columns : (int) Math.min(columns, 0);
        Expr g = framed(framed(e.input(0), ROWS, cut, cut), COLUMNS, frame, frame);
        Expr turned = Reversed.along(COLUMNS, Reversed.along(ROWS, w));
        return g.conv(turned, withPad(spec, (int) rows - cut, (int) columns - frame));
    }

    /** The padding of gradients, which is negative where images have more than windows reach. */
    private static long around(int kernel, int dilation, int pad) {
        return (kernel - 1L) * dilation - pad;
    }

    /** A value with so many zeros before and behind it, or, of negative numbers, without so many elements. */
    private Expr framed(Expr e, int axis, int before, int behind) {
        return framed.computeIfAbsent(new Framed(e, axis, before, behind), f -> f.value());
    }

    private record Framed(Expr whole, int axis, int before, int behind) {
        Expr value() {
            int end = whole.shape().dim(axis) - Math.max(0, -behind);
            Expr part = before < 0 || behind < 0 ? whole.slice(axis, Math.max(0, -before), end) : whole;
            return part.pad(axis, Math.max(0, before), Math.max(0, behind), 0);
        }
    }
}
