package dev.fluxion.ffi;

import java.util.function.Function;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.presets.openblas_nolapack.MklSetNumThreadsLocal;
import org.bytedeco.openblas.presets.openblas_nolapack.SetNumThreads;
import org.jspecify.annotations.Nullable;

/**
 * How many native threads compute.
 *
 * <p>oneDNN uses OpenMP, whose number is a setting of each calling thread; every calling thread keeps a team of that many
 * native threads. OpenBLAS has one pool for the whole process.
 */
public final class Threads {
    /** What each thread has set last: a native call costs more than a look. */
    private static final ThreadLocal<int[]> LAST = ThreadLocal.withInitial(() -> new int[1]);

    private Threads() {}

    /**
     * Sets how many threads the primitives created and run by the calling thread use.
     *
     * @param count at least 1
     */
    public static void current(int count) {
        requirePositive(count);
        int[] last = LAST.get();
        if (last[0] != count) {
            NativeLibrary.load();
            Functions.set(Functions.SET_OPENMP, count);
            last[0] = count;
        }
    }

    /** How many threads the primitives created and run by the calling thread use; 1 without OpenMP. */
    public static int current() {
        NativeLibrary.load();
        return Functions.get(Functions.GET_OPENMP);
    }

    /**
     * Sets how many threads every BLAS call of the process uses.
     *
     * @param count at least 1
     */
    public static void blas(int count) {
        requirePositive(count);
        NativeLibrary.load();
        Functions.set(Functions.SET_BLAS, count);
    }

    /** How many threads every BLAS call of the process uses. */
    public static int blas() {
        NativeLibrary.load();
        return Functions.get(Functions.GET_BLAS);
    }

    private static void requirePositive(int count) {
        if (count < 1) {
            throw new IllegalArgumentException(Errors.threads(count));
        }
    }

    /** Functions that the presets do not map; null where a library was built without them. */
    private static final class Functions {
        static final @Nullable Setter SET_OPENMP = found("omp_set_num_threads", Setter::new);
        static final @Nullable Getter GET_OPENMP = found("omp_get_max_threads", Getter::new);
        static final @Nullable Setter SET_BLAS = found("openblas_set_num_threads", Setter::new);
        static final @Nullable Getter GET_BLAS = found("openblas_get_num_threads", Getter::new);

        static void set(@Nullable Setter setter, int count) {
            if (setter != null) {
                setter.call(count);
            }
        }

        static int get(@Nullable Getter getter) {
            return getter == null ? 1 : getter.call(0);
        }

        private static <F> @Nullable F found(String function, Function<Pointer, F> make) {
            Pointer address = Loader.addressof(function);
            return Pointer.isNull(address) ? null : make.apply(address);
        }
    }

    private static final class Setter extends SetNumThreads {
        Setter(Pointer function) {
            put(function);
        }
    }

    /** Borrows a signature that passes one number more than the function takes, which every C convention allows. */
    private static final class Getter extends MklSetNumThreadsLocal {
        Getter(Pointer function) {
            put(function);
        }
    }
}
