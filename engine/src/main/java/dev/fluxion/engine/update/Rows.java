package dev.fluxion.engine.update;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Blas;
import dev.fluxion.ffi.Call;
import dev.fluxion.ffi.Slice;
import dev.fluxion.ir.Expr;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Where the vectors of a rule lie: each in rows, one behind the other. One of them may be the product of a column and a row. */
final class Rows {
    private final int count;
    private final int length;
    private final Map<Expr, Buffer> places;
    private final @Nullable Outer outer;

    private Rows(int count, int length, Map<Expr, Buffer> places, @Nullable Outer outer) {
        this.count = count;
        this.length = length;
        this.places = places;
        this.outer = outer;
    }

    private record Outer(Expr product, Buffer column, Buffer row) {}

    /** Vectors of so many elements, each of which is a row. */
    static Rows flat(int count, Map<Expr, Buffer> places) {
        return new Rows(count, 1, places, null);
    }

    /** Matrices, and a product that lies nowhere. */
    static Rows of(int count, int length, Map<Expr, Buffer> places, Expr product, Buffer column, Buffer row) {
        return new Rows(count, length, places, new Outer(product, column, row));
    }

    int count() {
        return count;
    }

    int length() {
        return length;
    }

    int elements() {
        return count * length;
    }

    /** Where a vector lies that is no product. */
    Buffer place(Expr vector) {
        return Objects.requireNonNull(places.get(vector));
    }

    /** What is read for a vector. */
    List<Buffer> reads(Expr vector) {
        return outer != null && outer.product == vector ? List.of(outer.column, outer.row) : List.of(place(vector));
    }

    /** How a vector is given, for explanations. */
    String form(Expr vector) {
        return outer != null && outer.product == vector ? " (outer product)" : "";
    }

    /** Some rows of a vector that is no product. */
    Slice slice(Expr vector, Step.Places bound, int from, int to) {
        long row = (long) length * Float.BYTES;
        return bound.of(place(vector)).slice(from * row, (to - from) * row);
    }

    /** Adds a multiple of some rows of a vector to what lies elsewhere. */
    Call add(Expr vector, Step.Scalar factor, Step.Places bound, int from, int to, Slice sum) {
        if (outer == null || outer.product != vector) {
            return Blas.axpy((to - from) * length, factor.bind(bound), slice(vector, bound, from, to), sum);
        }
        Slice column = bound.of(outer.column).slice((long) from * Float.BYTES, (long) (to - from) * Float.BYTES);
        return Blas.ger(to - from, length, factor.bind(bound), column, bound.of(outer.row), sum);
    }
}
