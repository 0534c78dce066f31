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

    /** The product of matrices that lie row-major; weights may be transposed. */
    public static Step product(Buffer left, Buffer weights, boolean transposed, Buffer result) {
        long[] dims = left.layout().dims();
        Gemm gemm = Gemm.of((int) dims[0], (int) result.layout().dims()[1], (int) dims[1])
                .transpose(false, transposed);
        return Step.of(
                "matmul",
                "",
                List.of(left, weights),
                List.of(result),
                "openblas",
                places -> Calls.one(gemm.bind(places.of(left), places.of(weights), places.of(result))));
    }

    /** A function of each element, in place. */
    public static Step function(UnaryFn fn, Buffer values) {
        return Step.of(fn.toString(), "", List.of(values), List.of(values), "java:fused", places -> {
            FloatBuffer all = places.of(values).floats();
            float[] chunk = new float[Math.min(Fused.CHUNK, all.limit())];
            return () -> {
                for (int i = 0; i < all.limit(); i += chunk.length) {
                    int n = Math.min(chunk.length, all.limit() - i);
                    all.get(i, chunk, 0, n);
                    ArrayMath.unary(fn, 0, chunk, chunk, n);
                    all.put(i, chunk, 0, n);
                }
            };
        });
    }
}
