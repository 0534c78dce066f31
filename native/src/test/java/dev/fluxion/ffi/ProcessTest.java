package dev.fluxion.ffi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.dnnl.global.dnnl;
import org.junit.jupiter.api.Test;

/** What only shows in a fresh process: loading, native threads, failures to load. */
class ProcessTest {
    @Test
    void loadsOnceUnder64Threads() throws Exception {
        assertThat(Child.run(Child.classPath(), Race.class)).isEqualTo(new Child.Result(0, "64"));
    }

    @Test
    void loadsOnceUnder64ThreadsThatPrepare() throws Exception {
        assertThat(Child.run(Child.classPath(), Race.class, "prepare")).isEqualTo(new Child.Result(0, "64"));
    }

    /** A process may end while the libraries are being loaded. */
    @Test
    void endsWhileLoading() throws Exception {
        for (int millis = 0; millis <= 200; millis += 20) {
            assertThat(Child.run(Child.classPath(), Leave.class, Integer.toString(millis)))
                    .isEqualTo(new Child.Result(0, "left"));
        }
    }

    @Test
    void threadCountReachesTheLibrary() throws Exception {
        Child.Result result = Child.run(Child.classPath(), Teams.class);
        assertThat(result).isEqualTo(new Child.Result(0, "1 0 3 2"));
    }

    @Test
    void missingOpenClJarIsNamed() throws Exception {
        String without = Arrays.stream(Child.classPath().split(java.io.File.pathSeparator))
                .filter(jar -> !jar.contains("opencl"))
                .collect(Collectors.joining(java.io.File.pathSeparator));
        assertThat(Child.run(without, Unavailable.class).output())
                .contains("does not load without org.bytedeco:opencl");
    }

    @Test
    void missingBinariesAreNamed() throws Exception {
        String without = Arrays.stream(Child.classPath().split(java.io.File.pathSeparator))
                .filter(jar -> !jar.matches(".*(engine.platforms.|fluxion-(linux|macosx|windows)-).*"))
                .collect(Collectors.joining(java.io.File.pathSeparator));
        assertThat(Child.run(without, Unavailable.class).output()).contains("is not on the class path");
    }

    @Test
    void saysWhatItIs() {
        assertThat(NativeLibrary.versions()).containsKeys("onednn", "openblas", "javacpp");
        String instructions = NativeLibrary.instructionSet();
        assertThat(instructions).doesNotContain("unknown");
        boolean wide = instructions.startsWith("avx512") || instructions.startsWith("avx10");
        assertThat(NativeLibrary.lanes()).isEqualTo(wide ? 16 : instructions.startsWith("avx") ? 8 : 4);
        assertThat(NativeLibrary.firstCache()).isBetween(32 << 10, 1 << 20);
        int before = Threads.blas();
        Threads.blas(1);
        assertThat(Threads.blas()).isEqualTo(1);
        Threads.blas(before);
    }

    /** Else sequences of many lengths would hold half a gigabyte of code. */
    @Test
    void theLibraryKeepsFewKernels() throws Exception {
        assertThat(Child.run(Child.classPath(), Kept.class)).isEqualTo(new Child.Result(0, "256"));
        Map<String, String> own = Map.of("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "7");
        assertThat(Child.run(Child.classPath(), own, Kept.class)).isEqualTo(new Child.Result(0, "7"));
    }

    /** What is told of the first-level cache counts where all cores are alike, if it can be. */
    @Test
    void theFirstLevelCacheIsAsTold() {
        int wide = dnnl.dnnl_cpu_isa_avx512_core;
        assertThat(InstructionSet.firstCache(wide, 48 << 10)).isEqualTo(48 << 10);
        for (int told : new int[] {-1, 0, 4096, Integer.MAX_VALUE}) {
            assertThat(InstructionSet.firstCache(wide, told)).isEqualTo(32 << 10);
        }
        assertThat(InstructionSet.firstCache(dnnl.dnnl_cpu_isa_avx512_core_fp16, 0))
                .isEqualTo(48 << 10);
        assertThat(InstructionSet.firstCache(dnnl.dnnl_cpu_isa_avx2, 48 << 10)).isEqualTo(32 << 10);
    }

    /** Prints how many kernels the library keeps. */
    static final class Kept {
        public static void main(String[] arguments) {
            NativeLibrary.load();
            System.out.println(dnnl.get_primitive_cache_capacity());
        }
    }

    /** Prints how many of 64 racing threads could use the library. */
    static final class Race {
        public static void main(String[] arguments) throws InterruptedException {
            CountDownLatch start = new CountDownLatch(1);
            AtomicInteger succeeded = new AtomicInteger();
            Thread[] threads = new Thread[64];
            for (int i = 0; i < threads.length; i++) {
                threads[i] = new Thread(() -> {
                    try {
                        start.await();
                        if (arguments.length > 0) {
                            NativeLibrary.prepare();
                        }
                        if (Layout.plain(2, 3).bytes() == 24) {
                            succeeded.incrementAndGet();
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
                threads[i].start();
            }
            start.countDown();
            for (Thread thread : threads) {
                thread.join();
            }
            System.out.println(succeeded);
        }
    }

    /** Begins to load and ends after so many milliseconds. */
    static final class Leave {
        public static void main(String[] args) throws InterruptedException {
            NativeLibrary.prepare();
            Thread.sleep(Long.parseLong(args[0]));
            System.out.println("left");
        }
    }

    /** Prints the setting and how many native threads a convolution added, for 1 and for 3 threads. */
    static final class Teams {
        public static void main(String[] args) throws IOException {
            NativeLibrary.load();
            String line = "";
            for (int count : new int[] {1, 3}) {
                long before = tasks();
                Threads.current(count);
                convolve();
                line += Threads.current() + " " + (tasks() - before) + " ";
            }
            System.out.println(line.strip());
        }

        private static void convolve() {
            Operation operation = Convolution.of(
                    Layout.any(4, 64, 32, 32), Layout.any(64, 64, 3, 3), Layout.any(4, 64, 30, 30), Window.of(3, 3));
            try (Primitive primitive = Primitive.of(operation);
                    Memory memory = Memory.allocate(16 << 20)) {
                try (Call call = primitive.bind(Tensors.slices(primitive, memory))) {
                    call.run();
                }
            }
        }

        private static long tasks() throws IOException {
            try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
                return tasks.filter(Teams::isNative).count();
            }
        }

        private static boolean isNative(Path task) {
            try {
                return Files.readString(task.resolve("comm")).startsWith("java");
            } catch (IOException e) {
                return false;
            }
        }
    }

    /** Prints why the library is unavailable. */
    static final class Unavailable {
        public static void main(String[] args) {
            NativeLibrary.prepare();
            try {
                NativeLibrary.load();
                System.out.println("loaded");
            } catch (NativeUnavailableException e) {
                System.out.println(e.getMessage());
            }
        }
    }
}
