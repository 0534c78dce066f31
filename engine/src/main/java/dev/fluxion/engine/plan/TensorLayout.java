package dev.fluxion.engine.plan;

import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.util.Arrays;

/** The native library's layouts of the language's tensors. */
public final class TensorLayout {
    private TensorLayout() {}

    /** The type of the elements of an expression. */
    public static Layout.Type type(Expr e) {
        return e.dtype() == DType.INT ? Layout.Type.S32 : Layout.Type.F32;
    }

    /** Dense and row-major. */
    public static Layout plain(Shape shape, Layout.Type type) {
        return Layout.plain(type, dims(shape));
    }

    /** The layout that a kernel likes. */
    public static Layout any(Shape shape) {
        return Layout.any(dims(shape));
    }

    /** The extents as the native library takes them; it knows no rank 0. */
    public static long[] dims(Shape shape) {
        return shape.rank() == 0
                ? new long[] {1}
                : Arrays.stream(shape.dims()).asLongStream().toArray();
    }
}
