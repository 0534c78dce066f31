package dev.fluxion.engine.emit;

import dev.fluxion.engine.plan.TensorLayout;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Movement;

/** How the values of a graph lie. */
public interface Layouts {
    /** Before anything is settled: row-major, and transposes as views of what is. */
    Layouts GUESSED = new Layouts() {
        @Override
        public Layout of(Expr e) {
            long[] dims = TensorLayout.dims(e.shape());
            return e.op() instanceof Movement.Transpose && dims.length == 2
                    ? Layout.strided(dims, new long[] {1, dims[0]})
                    : TensorLayout.plain(e.shape(), TensorLayout.type(e));
        }

        @Override
        public Layout made(Expr e) {
            return of(e);
        }

        @Override
        public boolean isIn(Expr e, Layout layout) {
            return of(e).equals(layout);
        }
    };

    /**
     * How a value lies, with its own axes: as it is made, or row-major where that has others, as weights of groups have, which
     * kernels lay out with an axis for the groups.
     */
    Layout of(Expr e);

    /** The layout in which a value is made, whatever its axes. */
    Layout made(Expr e);

    /** Whether a value is made in a layout, or has been brought into it. */
    boolean isIn(Expr e, Layout layout);
}
