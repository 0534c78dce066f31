package dev.fluxion.ffi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** OpenBLAS never ends the process, however little it may map. */
class OpenBlasTest {
    private static final String LEVEL = "org.slf4j.simpleLogger.defaultLogLevel";

    /** With the least of these the JVM may say first that it has too little itself. */
    @ParameterizedTest
    @ValueSource(ints = {1300, 1500, 1700, 1900})
    void tooLittleRoomIsTold(int megabytes) throws Exception {
        assertThat(Child.limited(megabytes, Callers.class, "0").output())
                .containsPattern("OpenBLAS needs [0-9]+ MB of address space|^8 callers$"
                        + "|insufficient memory for the Java Runtime|unable to create native thread");
    }

    @ParameterizedTest
    @ValueSource(ints = {20, 100, 300})
    void callersFindTheirBuffers(int left) throws Exception {
        assertThat(Child.limited(3000, Callers.class, Integer.toString(left)))
                .isEqualTo(new Child.Result(0, "8 callers"));
    }

    /** Leaves so many MB of what the process may map, then multiplies in eight threads. */
    static final class Callers {
        private static final CountDownLatch START = new CountDownLatch(1);

        public static void main(String[] args) throws InterruptedException {
            try (Memory memory = Memory.allocate(8 * 3 * 90_000 * Float.BYTES)) {
                List<Call> calls = new ArrayList<>();
                List<Thread> threads = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    Slice all = memory.slice(i * 3L * 360_000, 3L * 360_000);
                    calls.add(Gemm.of(300, 300, 300)
                            .bind(all.slice(0, 360_000), all.slice(360_000, 360_000), all.slice(720_000, 360_000)));
                    calls.add(Gemm.of(1, 300, 300)
                            .bind(all.slice(0, 360_000), all.slice(360_000, 360_000), all.slice(720_000, 360_000)));
                }
                for (int i = 0; i < 8; i++) {
                    int caller = i;
                    threads.add(new Thread(null, () -> multiply(calls, caller), "caller", 256 << 10));
                    threads.get(i).start();
                }
                fill(Long.parseLong(args[0]) << 20);
                START.countDown();
                for (Thread thread : threads) {
                    thread.join();
                }
                System.out.println("8 callers");
            } catch (NativeUnavailableException e) {
                System.out.println(e.getMessage());
            }
        }

        private static void multiply(List<Call> calls, int caller) {
            try {
                START.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            for (int i = 0; i < 50; i++) {
                calls.get(2 * caller + i % 2).run();
            }
        }

        private static void fill(long left) {
            long block = 16 << 20;
            while (left > 0 && AddressSpace.left() < Long.MAX_VALUE && AddressSpace.left() > left + block) {
                Pointer.malloc(block);
            }
        }
    }

    @Test
    void threadsHaveBuffersOfTheirOwn() throws Exception {
        assertThat(Child.run(List.of(), Many.class)).isEqualTo(new Child.Result(0, "1 3 1"));
    }

    static final class Many {
        public static void main(String[] args) {
            String line = "";
            NativeLibrary.load();
            try (Memory memory = Memory.allocate(3 * 360_000)) {
                Call call = Gemm.of(300, 300, 300)
                        .bind(memory.slice(0, 360_000), memory.slice(360_000, 360_000), memory.slice(720_000, 360_000));
                for (int count : new int[] {1, 3, 1}) {
                    Threads.blas(count);
                    call.run();
                    line += Threads.blas() + " ";
                }
            }
            System.out.println(line.strip());
        }
    }

    /** What is done to the whole process is told to whoever listens, and can be left undone. */
    @Test
    void oneThreadIsToldAndCanBeLeftOut() throws Exception {
        int two = Math.min(2, Runtime.getRuntime().availableProcessors());

        assertThat(Child.run(List.of("-D" + LEVEL + "=debug"), Told.class).output())
                .contains("OpenBLAS computes on one thread in the whole process")
                .endsWith("1 threads");
        assertThat(Child.run(List.of("-D" + LEVEL + "=info"), Told.class).output())
                .isEqualTo("1 threads");
        assertThat(Child.finish(told("-D" + LEVEL + "=debug", "-Dfluxion.openblas.threads=keep"))
                        .output())
                .contains("OpenBLAS keeps its " + two + " threads")
                .endsWith(two + " threads");
    }

    private static Process told(String... options) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(Child.command(List.of(options), Child.classPath(), Told.class));
        builder.environment().put("OPENBLAS_NUM_THREADS", "2");
        return builder.redirectErrorStream(true).start();
    }

    /** Loads the library, and asks for one thread as each run of a program does. */
    static final class Told {
        public static void main(String[] args) {
            NativeLibrary.load();
            Threads.blas(1);
            System.out.println(Threads.blas() + " threads");
        }
    }
}
