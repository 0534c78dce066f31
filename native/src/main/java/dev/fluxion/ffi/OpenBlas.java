package dev.fluxion.ffi;

import java.util.concurrent.Semaphore;
import org.bytedeco.javacpp.Loader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What keeps OpenBLAS from ending the process.
 *
 * <p>A call takes a work buffer of 128 MiB of address space. Buffers are kept and taken again; but where a new one is wanted and
 * the system has none, or a thread cannot be started while the library loads, OpenBLAS exits. So no more calls run at once than
 * there are processors, their buffers exist from the start, and whether there is room for all of it is found out beforehand.
 *
 * <p>It is set to compute on the calling thread alone, as Fluxion divides the work itself: when it is loaded, or, where somebody else
 * in the process loaded it before, when the first program runs. {@code -Dfluxion.openblas.threads=keep} leaves its threads to whoever
 * sets them.
 */
final class OpenBlas {
    private static final Logger LOG = LoggerFactory.getLogger(OpenBlas.class);
    private static final String THREADS = "fluxion.openblas.threads";
    private static final String KEEP = "keep";
    private static final boolean KEPT = KEEP.equals(System.getProperty(THREADS));
    private static final long BUFFER = 128L << 20;
    private static final long THREAD_STACK = 8L << 20;
    /** The code of the libraries, and what the JVM itself will want next. */
    private static final long CODE = 256L << 20;
    /** More threads OpenBLAS does not know. */
    private static final int MOST = 64;

    private static final int CALLERS = Math.min(Runtime.getRuntime().availableProcessors(), MOST);
    private static final Semaphore PERMITS = new Semaphore(CALLERS);
    /** What was set here last, 0 before that; what others in the process set is not seen. A native call costs more than a look. */
    private static volatile int last;

    private OpenBlas() {}

    /** Runs a routine; waits while as many run as there are buffers. */
    static void run(Runnable routine) {
        PERMITS.acquireUninterruptibly();
        try {
            routine.run();
        } finally {
            PERMITS.release();
        }
    }

    /**
     * Called before the library is loaded.
     *
     * @throws NativeUnavailableException if loading it would end the process
     */
    static void requireRoom() {
        int threads = Math.max(threadsAtStart(), CALLERS);
        Threads.require(threads - 1);
        requireBytes((BUFFER + THREAD_STACK) * threads + CODE);
    }

    /** OpenBLAS starts these when it is loaded, each with a buffer. */
    private static int threadsAtStart() {
        String told = System.getenv("OPENBLAS_NUM_THREADS");
        int wanted = told != null && told.matches("[1-9][0-9]{0,3}") ? Integer.parseInt(told) : MOST;
        return Math.min(Math.min(wanted, Loader.totalProcessors()), MOST);
    }

    private static void requireBytes(long bytes) {
        long left = AddressSpace.left();
        if (left < bytes) {
            throw new NativeUnavailableException(Errors.tooLittleRoom(bytes, left), null);
        }
    }

    /** Called when the library has been loaded and before anybody calls it. */
    static void begin() {
        if (KEPT) {
            LOG.debug("OpenBLAS keeps its {} threads: -D{}={}", Functions.get(Functions.GET_BLAS), THREADS, KEEP);
        } else {
            takeBuffers(CALLERS);
            tell(1);
        }
    }

    /** Sets how many threads compute a call, unless they are kept. More than one take buffers of their own. */
    static void threads(int count) {
        if (last != count && !KEPT) {
            set(count);
        }
    }

    private static void tell(int count) {
        LOG.debug(
                "OpenBLAS computes on {} in the whole process, unless -D{}={}",
                count == 1 ? "one thread" : count + " threads",
                THREADS,
                KEEP);
    }

    private static void set(int count) {
        PERMITS.acquireUninterruptibly(CALLERS);
        try {
            if (count > 1) {
                int buffers = Math.min(CALLERS + count, MOST);
                Threads.require(buffers);
                requireBytes((BUFFER + THREAD_STACK) * buffers);
                takeBuffers(buffers);
            }
            if (Functions.get(Functions.GET_BLAS) != count) {
                Functions.set(Functions.SET_BLAS, count);
                tell(count);
            }
            last = count;
        } finally {
            PERMITS.release(CALLERS);
        }
    }

    /** The threads of OpenBLAS take a buffer each when they start. When they end, the buffers stay for whoever comes. */
    private static void takeBuffers(int count) {
        if (Functions.START_BLAS == null || Functions.STOP_BLAS == null) {
            return;
        }
        if (Functions.get(Functions.GET_BLAS) < count) {
            Functions.set(Functions.SET_BLAS, count);
            Functions.get(Functions.STOP_BLAS);
            Functions.get(Functions.START_BLAS);
        }
        Functions.set(Functions.SET_BLAS, 1);
        Functions.get(Functions.STOP_BLAS);
    }
}
