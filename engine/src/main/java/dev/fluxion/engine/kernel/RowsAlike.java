package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Call;
import dev.fluxion.ffi.Gemm;
import dev.fluxion.ffi.Slice;
import java.util.ArrayList;
import java.util.List;

/**
 * A product in which each row is computed alike, wherever it is. BLAS takes many rows by a kernel for some of them and by others for
 * the rest, which add in another order; so it gets few at a time, always as many. The last ones may be computed twice, unless the
 * product is added to its result.
 */
public final class RowsAlike {
    private static final int MANY = 8;
    private static final int FEW = 4;

    private RowsAlike() {}

    /**
     * Binds a product. Where the left operand lies column by column, its rows are no samples, and where it
     * is a column, nothing is added.
     */
    public static Step.Binder of(Gemm product, Buffer a, Buffer b, Buffer c) {
        int rows = product.beta() == 0 ? atOnce(product.m()) : divisor(product.m());
        if (rows == product.m() || product.transposeA() || product.k() == 1) {
            return places -> Calls.one(product.bind(places.of(a), places.of(b), places.of(c)));
        }
        return places -> {
            List<Call> calls = new ArrayList<>();
            for (int done = 0; done < product.m(); done += rows) {
                int first = Math.min(done, product.m() - rows);
                calls.add(product.rows(rows)
                        .bind(
                                from(places.of(a), first * (long) product.strideA()),
                                places.of(b),
                                from(places.of(c), first * (long) product.strideC())));
            }
            return new Calls(calls);
        };
    }

    private static int atOnce(int rows) {
        return rows >= MANY ? MANY : Math.min(rows, FEW);
    }

    private static int divisor(int rows) {
        return rows % MANY == 0 ? MANY : rows % FEW == 0 ? FEW : 1;
    }

    private static Slice from(Slice all, long floats) {
        long start = floats * Float.BYTES;
        return all.slice(start, all.bytes() - start);
    }
}
