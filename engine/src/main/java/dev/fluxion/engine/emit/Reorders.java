package dev.fluxion.engine.emit;

import dev.fluxion.engine.kernel.Strided;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Reorder;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The steps that bring values from one layout into another. */
final class Reorders {
    /** Numbers so many bytes apart share their place in the first cache, which has few of each place. */
    private static final long PERIOD = 4096;
    /** Rows whose length is a multiple of less spread over enough places. */
    private static final long ALIGNED = 1024;
    /** For so many bytes per place, with rows as long as a period, a detour is measured to be faster, up to four times. */
    private static final long CROWDED = 64 * PERIOD;
    /** A line of the cache more in each row. */
    private static final long MORE = 16;

    private final Lowering lowering;
    private final boolean spreads;

    /** The reorders of a lowering; they spread rows before they are transposed if they may. */
    Reorders(Lowering lowering, boolean spreads) {
        this.lowering = lowering;
        this.spreads = spreads;
    }

    /**
     * The steps that bring the value of {@code e}, or what is made of it, into the layout of another buffer, which may have other
     * extents: one; two where matrices are transposed whose rows begin at the same places of the cache, which are spread first, where the
     * extents of neither can be seen in the other's layout, as those of shuffled channels, or where the library has no kernel for both.
     */
    List<Step> between(Expr e, Buffer from, Buffer to) {
        if (e.dtype() == DType.INT) {
            return List.of(copy(e, from, to));
        }
        Optional<Buffer> seen = as(from, to.layout().dims());
        if (seen.isPresent()) {
            return spread(e, seen.get(), to);
        }
        Optional<Buffer> made = as(to, from.layout().dims());
        return made.isPresent() ? spread(e, from, made.get()) : throughPlain(e, from, to);
    }

    /** By way of memory without gaps, which has the extents of either. */
    private List<Step> throughPlain(Expr e, Buffer from, Buffer to) {
        Buffer plain = Buffer.temporary("plain", Layout.plain(from.layout().dims()));
        Buffer seen = as(plain, to.layout().dims()).orElseThrow();
        return List.of(step(e, from, plain), step(e, seen, to));
    }

    /** The same memory with other extents, where its layout has them. */
    private static Optional<Buffer> as(Buffer buffer, long[] dims) {
        return Arrays.equals(buffer.layout().dims(), dims)
                ? Optional.of(buffer)
                : buffer.layout().reshape(dims).map(buffer::as);
    }

    private List<Step> spread(Expr e, Buffer from, Buffer to) {
        Optional<Layout> spread = spread(from.layout(), to.layout());
        if (spread.isPresent() && !lowering.isStable(e) && spreads) {
            Buffer rows = Buffer.temporary("rows", spread.get());
            return List.of(step(e, from, rows), step(e, rows, to));
        }
        boolean direct = lowering.primitives()
                .offered(Reorder.of(from.layout(), to.layout()))
                .isPresent();
        return direct ? List.of(step(e, from, to)) : throughPlain(e, from, to);
    }

    /** A copy of a row-major value to another place. */
    private static Step copy(Expr e, Buffer from, Buffer to) {
        int[] strides = e.shape().strides();
        return new Strided.Copy(e.shape(), strides, 0, strides, 0).step("copy", e.origin(), from, to);
    }

    private Step step(Expr e, Buffer from, Buffer to) {
        return Primitives.step(
                "reorder",
                e.origin(),
                lowering.primitives().required(Reorder.of(from.layout(), to.layout())),
                Map.of(Arg.SOURCE, from),
                Map.of(Arg.DESTINATION, to),
                0);
    }

    /** Transposed matrices with a gap behind each row, if their rows crowd the cache and the others are to lie in columns. */
    private static Optional<Layout> spread(Layout from, Layout to) {
        int last = from.rank() - 1;
        boolean turned = last > 0
                && !from.isBlocked()
                && (to.isPlain() || to.isBlocked())
                && from.rank() == to.rank()
                && from.strides()[last - 1] == 1;
        if (!turned) {
            return Optional.empty();
        }
        long[] dims = from.dims();
        long aligned = Math.min(PERIOD, Long.lowestOneBit(from.strides()[last] * Float.BYTES));
        if (aligned < ALIGNED || dims[last] * aligned < CROWDED) {
            return Optional.empty();
        }
        long[] strides = new long[dims.length];
        strides[last - 1] = 1;
        strides[last] = dims[last - 1] + MORE;
        long matrix = strides[last] * dims[last];
        for (int i = last - 2; i >= 0; i--) {
            strides[i] = matrix;
            matrix *= dims[i];
        }
        return Optional.of(Layout.strided(dims, strides));
    }
}
