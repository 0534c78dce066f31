package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Call;
import dev.fluxion.ffi.Gemm;
import dev.fluxion.ffi.Slice;
import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.List;

/** Matrix products one after the other: batches that the native library has no kernel for. */
public final class Gemms {
    private Gemms() {}

    /** Binds the products of row-major matrices; {@code left} and {@code result} are the shapes with the batches in front. */
    public static Step.Binder of(Shape left, Shape result, Buffer a, Buffer b, Buffer c) {
        int m = result.dim(-2);
        int n = result.dim(-1);
        int k = left.dim(-1);
        return places -> {
            List<Call> calls = new ArrayList<>();
            for (int i = 0; i < result.size() / (m * n); i++) {
                calls.add(Gemm.of(m, n, k)
                        .bind(
                                part(places.of(a), i, m * k),
                                part(places.of(b), i, k * n),
                                part(places.of(c), i, m * n)));
            }
            return new Calls(calls);
        };
    }

    private static Slice part(Slice all, int index, int floats) {
        long bytes = (long) floats * Float.BYTES;
        return all.slice(index * bytes, bytes);
    }
}
