package dev.fluxion.ffi;

import java.io.IOException;
import java.security.AccessController;
import java.security.PrivilegedAction;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_version_t;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;

/** The native libraries of the process: loaded once, at the first use, by a thread of their own. */
public final class NativeLibrary {
    /** The initialisers of oneDNN need half a megabyte of stack; what -Xss gives to other threads may be less. */
    private static final long STACK = 4 << 20;

    /** The last attempt to load; another follows one that failed. */
    private static final AtomicReference<@Nullable CompletableFuture<dnnl_engine>> ATTEMPT = new AtomicReference<>();

    private NativeLibrary() {}

    /**
     * Loads the libraries if that has not happened yet.
     *
     * @throws NativeUnavailableException if they cannot be used on this machine; a later call tries again
     */
    public static void load() {
        engine();
    }

    /**
     * Begins to load the libraries beside the calling thread, which takes a tenth of a second or two. Whoever needs them
     * before they are there waits; if they cannot be used, {@link #load} tells.
     */
    public static void prepare() {
        Objects.requireNonNull(attempt());
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

    /** The bytes of the first-level data cache of each core. */
    public static int firstCache() {
        load();
        return InstructionSet.firstCache(dnnl.dnnl_get_effective_cpu_isa(), Functions.firstCache());
    }

    /** How many native objects the process holds through this package; back to its old value when all are closed. */
    public static long openHandles() {
        return Handles.open();
    }

    /** How many native objects JavaCPP has a deallocator registered for; no run may add one. */
    public static long registeredPointers() {
        load();
        return Pointer.totalCount();
    }

    static dnnl_engine engine() {
        try {
            return attempt().join();
        } catch (CompletionException e) {
            Throwable failure = e.getCause() == null ? e : e.getCause();
            boolean told = failure instanceof NativeUnavailableException;
            throw new NativeUnavailableException(Errors.unavailable(failure), told ? failure.getCause() : failure);
        }
    }

    private static CompletableFuture<dnnl_engine> attempt() {
        CompletableFuture<dnnl_engine> last = ATTEMPT.get();
        if (last != null && !last.isCompletedExceptionally()) {
            return last;
        }
        CompletableFuture<dnnl_engine> attempt = new CompletableFuture<>();
        if (!ATTEMPT.compareAndSet(last, attempt)) {
            return attempt();
        }
        try {
            Thread loader = thread(() -> complete(attempt));
            loader.setDaemon(true);
            loader.start();
        } catch (OutOfMemoryError e) {
            attempt.completeExceptionally(e);
        }
        return attempt;
    }

    /**
     * A thread without the access rights of its callers: the library's own threads inherit them, and would keep the class loader
     * of the application that loads it first.
     */
    @SuppressWarnings("removal")
    private static Thread thread(Runnable what) {
        PrivilegedAction<Thread> make = () -> new Thread(null, what, "fluxion-load", STACK);
        return AccessController.doPrivileged(make);
    }

    private static void complete(CompletableFuture<dnnl_engine> attempt) {
        try {
            attempt.complete(Loading.engine());
        } catch (IOException | RuntimeException | Error e) {
            attempt.completeExceptionally(e);
        }
    }

    private static String packaged(String artifact) {
        try {
            return Loader.getVersion("org.bytedeco", artifact);
        } catch (IOException e) {
            return "unknown";
        }
    }
}
