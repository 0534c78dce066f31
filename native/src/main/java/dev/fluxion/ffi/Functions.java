package dev.fluxion.ffi;

import java.util.function.Function;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.presets.openblas_nolapack.MklSetNumThreadsLocal;
import org.bytedeco.openblas.presets.openblas_nolapack.SetNumThreads;
import org.jspecify.annotations.Nullable;

/** Functions that the presets do not map; null where a library was built without them. Used when the libraries are there. */
final class Functions {
    static final @Nullable Setter SET_OPENMP = found("omp_set_num_threads", Setter::new);
    static final @Nullable Getter GET_OPENMP = found("omp_get_max_threads", Getter::new);
    static final @Nullable Setter SET_BLAS = found("openblas_set_num_threads", Setter::new);
    static final @Nullable Getter GET_BLAS = found("openblas_get_num_threads", Getter::new);
    static final @Nullable Getter START_BLAS = found("blas_thread_init", Getter::new);
    static final @Nullable Getter STOP_BLAS = found("blas_thread_shutdown_", Getter::new);
    private static final @Nullable Getter CONFIGURATION =
            Loader.getPlatform().startsWith("linux") ? found("sysconf", Getter::new) : null;
    /** The number by which glibc knows the size of the first-level data cache. */
    private static final int FIRST_CACHE = 188;

    private Functions() {}

    static void set(@Nullable Setter setter, int count) {
        if (setter != null) {
            setter.call(count);
        }
    }

    static int get(@Nullable Getter getter) {
        return getter == null ? 1 : getter.call(0);
    }

    /** The bytes of the first-level data cache as Linux tells them; 0 elsewhere, and less than 1 where it does not know. */
    static int firstCache() {
        return CONFIGURATION == null ? 0 : CONFIGURATION.call(FIRST_CACHE);
    }

    private static <F> @Nullable F found(String function, Function<Pointer, F> make) {
        Pointer address = Loader.addressof(function);
        return Pointer.isNull(address) ? null : make.apply(address);
    }

    static final class Setter extends SetNumThreads {
        Setter(Pointer function) {
            put(function);
        }
    }

    /** Borrows a signature that passes one number more than the function takes, which every C convention allows. */
    static final class Getter extends MklSetNumThreadsLocal {
        Getter(Pointer function) {
            put(function);
        }
    }
}
