package dev.fluxion.ffi;

import java.util.concurrent.CountDownLatch;

/**
 * How many native threads compute.
 *
 * <p>oneDNN uses OpenMP, whose number is a setting of each calling thread; every calling thread keeps a team of that many
 * native threads. OpenBLAS has one pool for the whole process, and computes on the calling thread alone until it is told
 * otherwise.
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
     * Sets how many threads every BLAS call of the process uses, unless {@code -Dfluxion.openblas.threads=keep}.
     *
     * @param count at least 1
     * @throws NativeUnavailableException if the system has no more threads or address space
     */
    public static void blas(int count) {
        requirePositive(count);
        NativeLibrary.load();
        OpenBlas.threads(count);
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

    /**
     * Finds out whether so many more threads can be started. Native code that cannot start one ends the process, or a class
     * is spoilt.
     */
    static void require(int count) {
        CountDownLatch end = new CountDownLatch(1);
        try {
            for (int i = 0; i < count; i++) {
                Thread thread = new Thread(() -> awaitQuietly(end), "fluxion-probe");
                thread.setDaemon(true);
                thread.start();
            }
        } catch (OutOfMemoryError e) {
            throw new NativeUnavailableException(Errors.tooFewThreads(count), e);
        } finally {
            end.countDown();
        }
    }

    private static void awaitQuietly(CountDownLatch end) {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
