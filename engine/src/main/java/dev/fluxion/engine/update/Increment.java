package dev.fluxion.engine.update;

import dev.fluxion.engine.kernel.Calls;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Blas;
import dev.fluxion.ffi.Call;
import dev.fluxion.ffi.Slice;
import dev.fluxion.ir.Expr;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * To a target are added multiples of vectors, one of which is the target itself. A few rows at a time, the increments are summed
 * up where they stay in the cache, and are exact for themselves; then the sum is added.
 *
 * @param factors those of all vectors, with that of the target
 */
record Increment(Expr target, Map<Expr, Step.Scalar> factors) implements AxpyUpdate.Change {
    /** The sum stays in the first cache. */
    private static final int BLOCK = (32 << 10) / Float.BYTES;

    @Override
    public Step step(Rows rows) {
        Buffer to = rows.place(target);
        int height = Math.min(rows.count(), Math.max(1, BLOCK / rows.length()));
        Buffer sum = Buffer.scratch("increments", (long) height * rows.length() * Float.BYTES);
        Set<Buffer> reads = new LinkedHashSet<>();
        factors.keySet().forEach(vector -> reads.addAll(rows.reads(vector)));
        String operator = factors.keySet().stream()
                .map(v -> TracedUpdate.name(v) + rows.form(v))
                .collect(Collectors.joining(", "));
        return Step.of(
                        "add " + operator + " to " + TracedUpdate.name(target),
                        "",
                        List.copyOf(reads),
                        List.of(to),
                        "openblas",
                        places -> bind(rows, height, places, places.of(sum)))
                .needing(List.of(sum))
                .flops(2.0 * rows.elements() * (factors.size() + 1));
    }

    private Step.Kernel bind(Rows rows, int height, Step.Places places, Slice room) {
        List<Call> calls = new ArrayList<>();
        for (int from = 0; from < rows.count(); from += height) {
            int to = Math.min(from + height, rows.count());
            add(calls, rows, from, to, places, room);
        }
        return new Calls(calls);
    }

    private void add(List<Call> calls, Rows rows, int from, int to, Step.Places places, Slice sum) {
        int count = (to - from) * rows.length();
        Slice changed = rows.slice(target, places, from, to);
        calls.add(Blas.copy(count, changed, sum));
        calls.add(Blas.scal(count, Objects.requireNonNull(factors.get(target)).bind(places), sum));
        factors.forEach((vector, factor) -> {
            if (vector != target) {
                calls.add(rows.add(vector, factor, places, from, to, sum));
            }
        });
        calls.add(Blas.axpy(count, () -> 1, sum, changed));
    }
}
