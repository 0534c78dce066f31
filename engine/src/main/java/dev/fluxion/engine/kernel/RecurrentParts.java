package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Gemm;
import java.nio.FloatBuffer;
import java.util.List;

/** What recurrences are made of where the library has no kernels, or takes longer to begin: products by BLAS, functions in Java. */
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

    /**
     * The product of states with transposed weights, and a bias, added to what is in the result. The weights lie by rows, or by columns,
     * in which they are read faster for a single sequence.
     */
    public static Step sum(Buffer left, Buffer weights, Buffer bias, Buffer result) {
        long[] dims = left.layout().dims();
        int columns = (int) result.layout().dims()[1];
        Gemm gemm = Gemm.of((int) dims[0], columns, (int) dims[1])
                .transpose(false, weights.layout().isPlain())
                .scale(1, 1);
        Step.Binder product = RowsAlike.of(gemm, left, weights, result);
        Step.Binder add = places -> {
            FloatBuffer addend = places.of(bias).floats();
            FloatBuffer sum = places.of(result).floats();
            float[] row = new float[columns];
            float[] more = new float[columns];
            return () -> {
                addend.get(0, more);
                for (int at = 0; at < sum.limit(); at += columns) {
                    sum.get(at, row);
                    for (int i = 0; i < columns; i++) {
                        row[i] += more[i];
                    }
                    sum.put(at, row);
                }
            };
        };
        Step.Binder both = InTurn.of(List.of(product, add));
        return Step.of("matmul", "", List.of(left, weights, bias), List.of(result), "openblas", both);
    }

    /** The sum of biases. */
    public static Step.Binder biases(List<Buffer> all, Buffer sum) {
        return places -> {
            List<FloatBuffer> addends =
                    all.stream().map(b -> places.of(b).floats()).toList();
            FloatBuffer to = places.of(sum).floats();
            float[] total = new float[to.limit()];
            float[] one = new float[total.length];
            return () -> {
                addends.get(0).get(0, total);
                for (int i = 1; i < addends.size(); i++) {
                    addends.get(i).get(0, one);
                    for (int k = 0; k < total.length; k++) {
                        total[k] += one[k];
                    }
                }
                to.put(0, total);
            };
        };
    }

    /** The logistic function of each number, in place. */
    public static Step logistic(Buffer values) {
        return function("sigmoid", Squash::logistic, values);
    }

    /** The hyperbolic tangent of each number, in place. */
    public static Step tangent(Buffer values) {
        return function("tanh", Squash::tangent, values);
    }

    /** A function of so many numbers, in place, given room for as many. */
    private interface Function {
        void of(float[] values, float[] room, int n);
    }

    private static Step function(String name, Function function, Buffer values) {
        return Step.of(name, "", List.of(values), List.of(values), "java:fused", places -> {
            FloatBuffer all = places.of(values).floats();
            float[] chunk = new float[Math.min(Fused.CHUNK, all.limit())];
            float[] room = new float[chunk.length];
            return () -> {
                for (int i = 0; i < all.limit(); i += chunk.length) {
                    int n = Math.min(chunk.length, all.limit() - i);
                    all.get(i, chunk, 0, n);
                    function.of(chunk, room, n);
                    all.put(i, chunk, 0, n);
                }
            };
        });
    }
}
