package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Gemm;
import dev.fluxion.ir.UnaryFn;
import java.nio.FloatBuffer;
import java.util.List;

/** What recurrences are made of where the library has no kernels: products by BLAS, functions in Java. */
public final class RecurrentParts {
    private RecurrentParts() {}

    /** The product of matrices that lie row-major. */
    public static Step product(Buffer left, Buffer weights, Buffer result) {
        long[] dims = left.layout().dims();
        Gemm gemm = Gemm.of((int) dims[0], (int) result.layout().dims()[1], (int) dims[1]);
        return Step.of(
                "matmul",
                "",
                List.of(left, weights),
                List.of(result),
                "openblas",
                places -> Calls.one(gemm.bind(places.of(left), places.of(weights), places.of(result))));
    }

    /** The product of states with transposed weights, and a bias, added to what is in the result. */
    public static Step sum(Buffer left, Buffer weights, Buffer bias, Buffer result) {
        long[] dims = left.layout().dims();
        int columns = (int) result.layout().dims()[1];
        Gemm gemm = Gemm.of((int) dims[0], columns, (int) dims[1])
                .transpose(false, true)
                .scale(1, 1);
        Step.Binder product = RowsAlike.of(gemm, left, weights, result);
        Step.Binder add = places -> {
            FloatBuffer addend = places.of(bias).floats();
            FloatBuffer sum = places.of(result).floats();
            return () -> {
                for (int i = 0; i < sum.limit(); i++) {
                    sum.put(i, sum.get(i) + addend.get(i % columns));
                }
            };
        };
        Step.Binder both = InTurn.of(List.of(product, add));
        return Step.of("matmul", "", List.of(left, weights, bias), List.of(result), "openblas", both);
    }

    /** A function of each element, in place. */
    public static Step function(UnaryFn fn, Buffer values) {
        return Step.of(fn.toString(), "", List.of(values), List.of(values), "java:fused", places -> {
            FloatBuffer all = places.of(values).floats();
            float[] chunk = new float[Math.min(Fused.CHUNK, all.limit())];
            double[] wide = new double[2 * chunk.length];
            return () -> {
                for (int i = 0; i < all.limit(); i += chunk.length) {
                    int n = Math.min(chunk.length, all.limit() - i);
                    all.get(i, chunk, 0, n);
                    ArrayMath.unary(fn, 0, chunk, wide, chunk, n);
                    all.put(i, chunk, 0, n);
                }
            };
        });
    }
}
