package dev.fluxion.ffi;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.function.DoubleSupplier;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas_nolapack;

/** BLAS routines on dense vectors of floats. For matrix products see {@link Gemm}. */
public final class Blas {
    private Blas() {}

    /**
     * {@code y += alpha x} over {@code n} floats, with what {@code alpha} is at each run. NaN and infinities go through, but
     * where {@code alpha} is 0, {@code x} is not read.
     */
    public static Call axpy(int n, DoubleSupplier alpha, Slice x, Slice y) {
        Vectors what = new Vectors("axpy", n);
        FloatPointer px = what.pointer("x", x);
        FloatPointer py = what.pointer("y", y);
        return call(what, () -> openblas_nolapack.cblas_saxpy(n, (float) alpha.getAsDouble(), px, 1, py, 1), x, y);
    }

    /** {@code x *= alpha} over {@code n} floats, with what {@code alpha} is at each run. NaN goes through, also if it is 0. */
    public static Call scal(int n, DoubleSupplier alpha, Slice x) {
        Vectors what = new Vectors("scal", n);
        FloatPointer px = what.pointer("x", x);
        return call(what, () -> openblas_nolapack.cblas_sscal(n, (float) alpha.getAsDouble(), px, 1), x);
    }

    /**
     * {@code A += alpha x yᵀ} for a dense row-major matrix of {@code m} rows and {@code n} columns, with what {@code alpha}
     * is at each run. NaN and infinities go through, but where {@code alpha} is 0, {@code x} and {@code y} are not read.
     */
    public static Call ger(int m, int n, DoubleSupplier alpha, Slice x, Slice y, Slice a) {
        FloatPointer px = new Vectors("ger", m).pointer("x", x);
        FloatPointer py = new Vectors("ger", n).pointer("y", y);
        Vectors what = new Vectors("ger", Math.multiplyExact(m, n));
        FloatPointer pa = what.pointer("A", a);
        return call(
                what,
                () -> openblas_nolapack.cblas_sger(
                        openblas_nolapack.CblasRowMajor, m, n, (float) alpha.getAsDouble(), px, 1, py, 1, pa, n),
                x,
                y,
                a);
    }

    /** {@code y = x} over {@code n} floats. */
    public static Call copy(int n, Slice x, Slice y) {
        Vectors what = new Vectors("copy", n);
        FloatPointer px = what.pointer("x", x);
        FloatPointer py = what.pointer("y", y);
        return call(what, () -> openblas_nolapack.cblas_scopy(n, px, 1, py, 1), x, y);
    }

    /** {@code result = sum(x y)} over {@code n} floats, into the first float of {@code result}. */
    public static Call dot(int n, Slice x, Slice y, Slice result) {
        Vectors what = new Vectors("dot", n);
        FloatPointer px = what.pointer("x", x);
        FloatPointer py = what.pointer("y", y);
        require(what, "result", result, 1);
        FloatBuffer to = result.slice(0, Float.BYTES).floats();
        return call(what, () -> to.put(0, openblas_nolapack.cblas_sdot(what.n, px, 1, py, 1)), x, y, result);
    }

    static void require(Record what, String name, Slice slice, long floats) {
        if (slice.bytes() / Float.BYTES < floats) {
            throw new IllegalArgumentException(Errors.tooFewFloats(name, slice.bytes(), floats, what.toString()));
        }
    }

    static FloatPointer pointer(Slice slice) {
        return new FloatPointer(Handles.at(slice.address()));
    }

    static Call call(Record what, Runnable routine, Slice... slices) {
        Memory[] memories = Arrays.stream(slices).map(Slice::memory).distinct().toArray(Memory[]::new);
        return new BlasCall(what, routine, memories);
    }

    private record Vectors(String routine, int n) {
        Vectors {
            if (n < 1) {
                throw new IllegalArgumentException(Errors.vector(routine, n));
            }
        }

        FloatPointer pointer(String name, Slice slice) {
            require(this, name, slice, n);
            return Blas.pointer(slice);
        }
    }

    private static final class BlasCall implements Call {
        private final Record what;
        private final Runnable routine;
        private final Memory[] memories;
        private boolean closed;

        BlasCall(Record what, Runnable routine, Memory[] memories) {
            this.what = what;
            this.routine = routine;
            this.memories = memories;
        }

        @Override
        public void run() {
            if (closed) {
                throw new IllegalStateException(Errors.closed(what.toString()));
            }
            for (Memory memory : memories) {
                memory.requireOpen();
            }
            OpenBlas.run(routine);
        }

        @Override
        public void close() {
            closed = true;
        }

        @Override
        public String toString() {
            return what.toString();
        }
    }
}
