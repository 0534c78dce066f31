package dev.fluxion.ffi;

import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_version_t;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.jspecify.annotations.Nullable;

/** The native libraries of the process: loaded once, at the first use, by whichever thread comes first. */
public final class NativeLibrary {
    private static final AtomicBoolean PREPARED = new AtomicBoolean();

    private NativeLibrary() {}

    /**
     * Loads the libraries if that has not happened yet.
     *
     * @throws NativeUnavailableException if they cannot be used on this machine; every later call says the same
     */
    public static void load() {
        Throwable failure = Loaded.ATTEMPT.failure();
        if (failure != null) {
            throw new NativeUnavailableException(Errors.unavailable(failure), failure);
        }
    }

    /**
     * Begins to load the libraries beside the calling thread, which takes a tenth of a second or two. Whoever needs them
     * before they are there waits; if they cannot be used, {@link #load} tells.
     */
    public static void prepare() {
        if (PREPARED.compareAndSet(false, true)) {
            Thread loader = new Thread(() -> Objects.requireNonNull(Loaded.ATTEMPT), "fluxion-load");
            loader.setDaemon(true);
            loader.start();
        }
    }

    /** The versions of the libraries by name: {@code javacpp}, {@code onednn} and {@code openblas}. */
    public static Map<String, String> versions() {
        load();
        dnnl_version_t version = dnnl.dnnl_version();
        Map<String, String> versions = new TreeMap<>();
        versions.put("onednn", version.major() + "." + version.minor() + "." + version.patch());
        versions.put("openblas", packaged("openblas"));
        versions.put("javacpp", packaged("javacpp"));
        return versions;
    }

    /** The instruction set that oneDNN generates code for, such as {@code avx2}. */
    public static String instructionSet() {
        load();
        return InstructionSet.name(dnnl.dnnl_get_effective_cpu_isa());
    }

    /** How many floats the kernels that oneDNN generates compute at once: 16, 8 or 4. */
    public static int lanes() {
        load();
        return InstructionSet.lanes(dnnl.dnnl_get_effective_cpu_isa());
    }

    /** How many native objects the process holds through this package; back to its old value when all are closed. */
    public static long openHandles() {
        return Handles.open();
    }

    /** How many native objects JavaCPP has a deallocator registered for; no run may add one. */
    public static long registeredPointers() {
        return Pointer.totalCount();
    }

    static dnnl_engine engine() {
        return Loaded.ATTEMPT.engine();
    }

    private static String packaged(String artifact) {
        try {
            return Loader.getVersion("org.bytedeco", artifact);
        } catch (IOException e) {
            return "unknown";
        }
    }

    private record Attempt(dnnl_engine engine, @Nullable Throwable failure) {}

    /** The class initialiser is what makes 64 racing threads load once. */
    private static final class Loaded {
        static final Attempt ATTEMPT = attempt();

        private static Attempt attempt() {
            try {
                Loader.load(openblas_nolapack.class);
                Loader.load(dnnl.class);
                dnnl_engine engine = new dnnl_engine();
                int status = dnnl.dnnl_engine_create(engine, dnnl.dnnl_cpu, 0);
                return new Attempt(
                        engine,
                        status == dnnl.dnnl_success
                                ? null
                                : new NativeException(Errors.status(status, "the CPU engine")));
            } catch (LinkageError | RuntimeException e) {
                return new Attempt(new dnnl_engine(), e);
            }
        }
    }
}
