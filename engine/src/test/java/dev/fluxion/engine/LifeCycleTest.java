package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Tensor;
import dev.fluxion.ffi.Memory;
import dev.fluxion.ffi.NativeLibrary;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Slot;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Programs and parameters that are closed, used by several threads, or both. */
class LifeCycleTest {
    private static final int HAMMER_SECONDS = 3;

    private static Program predictor(Parameters parameters) {
        TinyNet net = new TinyNet(2);
        Program program = Compiler.compile(net.inference(), parameters, new Options(1));
        net.writeImages(program, new Interpreter(), 1);
        return program;
    }

    @Test
    void nothingWorksAfterClose() {
        Parameters parameters = Parameters.of(TinyNet.weights(1));
        Program program = predictor(parameters);
        program.run();
        program.close();
        program.close();
        for (ThrowingCallable use : List.<ThrowingCallable>of(
                program::run,
                () -> program.run("main"),
                () -> program.read("output"),
                () -> program.read("output", new float[10]),
                () -> program.write("input", new float[2 * 3 * 8 * 8]))) {
            assertThatThrownBy(use).isInstanceOf(IllegalStateException.class).hasMessage("the program is closed");
        }
        assertThat(parameters.get("conv1.bias")).isEqualTo(TinyNet.weights(1).get("conv1.bias"));
        Program open = predictor(parameters);
        parameters.close();
        assertThatThrownBy(open::run).isInstanceOf(IllegalStateException.class).hasMessage("the program is closed");
        for (ThrowingCallable use : List.<ThrowingCallable>of(
                () -> parameters.get("conv1.bias"),
                () -> RunState.of(parameters),
                () -> parameters.load(TinyNet.weights(1)),
                () -> predictor(parameters))) {
            assertThatThrownBy(use)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("the model's parameters are closed");
        }
    }

    @Test
    void whatIsNotKeptIsTold() {
        TinyNet net = new TinyNet(2);
        try (Parameters parameters = Parameters.of(TinyNet.weights(1))) {
            RunState state = Compiler.compile(
                            net.training((w, g, kept) -> w.sub(kept.keep("velocity", v -> v.add(g))), name -> true),
                            parameters,
                            new Options(1))
                    .state();
            String message = "there is no slot 'velocty'; there are [velocity]";
            assertThatThrownBy(() -> state.get(Slot.optimizer("velocty", "conv1.bias")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(message);
            assertThatThrownBy(() -> state.zero(Slot.Owner.OPTIMIZER, "velocty"))
                    .hasMessage(message);
            assertThatThrownBy(() -> state.zero(Slot.Owner.TRAINING, "velocity"))
                    .hasMessageStartingWith("there is no slot 'velocity'");
            assertThatThrownBy(() -> state.get(Slot.optimizer("velocity", "conv9.bias")))
                    .hasMessageStartingWith("there is no parameter 'conv9.bias'");
        }
    }

    /** One thread runs all the time; what the main thread does meanwhile fails, but names the thread, or works in a gap. */
    @Test
    void aProgramServesOneThreadAtATime() throws Exception {
        try (Parameters parameters = Parameters.of(TinyNet.weights(1))) {
            Program program = predictor(parameters);
            AtomicBoolean stop = new AtomicBoolean();
            AtomicReference<Throwable> failure = new AtomicReference<>();
            CountDownLatch started = new CountDownLatch(1);
            Thread other = new Thread(
                    () -> {
                        while (!stop.get() && failure.get() == null) {
                            try {
                                program.run();
                            } catch (IllegalStateException e) {
                                if (!String.valueOf(e.getMessage()).contains("in use by thread 'main thread'")) {
                                    failure.set(e);
                                }
                            }
                            started.countDown();
                        }
                    },
                    "trainer");
            other.start();
            started.await();
            String name = Thread.currentThread().getName();
            Thread.currentThread().setName("main thread");
            int refused = 0;
            for (int i = 0; i < 1_000_000 && refused == 0; i++) {
                try {
                    program.run();
                } catch (IllegalStateException e) {
                    assertThat(e)
                            .hasMessage(
                                    "the program is in use by thread 'trainer'; a program, or a training, serves one thread at a time:"
                                            + " fork a program of a prediction for each");
                    refused++;
                }
            }
            stop.set(true);
            other.join();
            Thread.currentThread().setName(name);
            assertThat(refused).isPositive();
            assertThat(failure.get()).isNull();
            program.run();
        }
    }

    @Test
    void closingWaitsForARunToEnd() throws Exception {
        for (int round = 0; round < 20; round++) {
            Parameters parameters = Parameters.of(TinyNet.weights(1));
            Program program = predictor(parameters);
            AtomicInteger runs = new AtomicInteger();
            AtomicReference<Throwable> end = new AtomicReference<>();
            Thread other = new Thread(() -> {
                try {
                    while (true) {
                        program.run();
                        runs.incrementAndGet();
                    }
                } catch (Throwable e) {
                    end.set(e);
                }
            });
            other.start();
            while (runs.get() < 3) {
                Thread.onSpinWait();
            }
            if (round % 2 == 0) {
                program.close();
            }
            parameters.close();
            other.join();
            assertThat(end.get()).isInstanceOf(IllegalStateException.class);
            assertThat(end.get().getMessage()).containsAnyOf("the program is closed", "in use by thread");
        }
    }

    /** In a JVM of its own, which could crash: 64 threads run, write, read, compile and close the same few programs. */
    @Test
    void hammeringDoesNotCrash() throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:ErrorFile=/dev/null",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-cp",
                System.getProperty("java.class.path"),
                Hammer.class.getName()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output.strip()).startsWith("open afterwards: 0");
    }

    static final class Hammer {
        private Hammer() {}

        public static void main(String[] args) throws Exception {
            Parameters parameters = Parameters.of(TinyNet.weights(1));
            TinyNet net = new TinyNet(2);
            List<Graph> graphs = List.of(net.training(TinyNet.SGD, p -> true), net.inference());
            Program[] programs = new Program[4];
            for (int i = 0; i < programs.length; i++) {
                programs[i] = Compiler.compile(graphs.get(i % 2), parameters, new Options(1));
            }
            long end = System.nanoTime() + HAMMER_SECONDS * 1_000_000_000L;
            AtomicReference<Throwable> unexpected = new AtomicReference<>();
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 64; t++) {
                int thread = t;
                Thread started = new Thread(() -> {
                    for (int i = thread; System.nanoTime() < end; i++) {
                        try {
                            act(i, net, graphs, parameters, programs);
                        } catch (IllegalStateException expected) {
                            Thread.yield();
                        } catch (Throwable e) {
                            unexpected.set(e);
                        }
                    }
                });
                started.start();
                threads.add(started);
            }
            for (Thread thread : threads) {
                thread.join();
            }
            parameters.close();
            // Programs that two threads replaced at once were dropped, and are freed in the background.
            for (int i = 0; i < 1000 && NativeLibrary.openHandles() > 0; i++) {
                Thread.sleep(10);
            }
            System.out.println("open afterwards: " + NativeLibrary.openHandles() + ", bytes " + Memory.openBytes());
            if (unexpected.get() != null) {
                unexpected.get().printStackTrace(System.out);
                System.exit(3);
            }
        }

        private static void act(int i, TinyNet net, List<Graph> graphs, Parameters parameters, Program[] programs) {
            int which = i / 7 % programs.length;
            Program program = programs[which];
            switch (i % 7) {
                case 0, 1, 2 -> program.run();
                case 3 -> net.writeImages(program, new Interpreter(), i % 5);
                case 4 -> {
                    if (which % 2 == 0) {
                        program.write("target", net.labels(i % 5));
                        program.scalar("loss");
                    } else {
                        program.read("output");
                    }
                }
                case 5 -> parameters.get("conv1.weight");
                default -> {
                    if (i % 101 == 0) {
                        program.close();
                        programs[which] = Compiler.compile(graphs.get(which % 2), parameters, new Options(1));
                    }
                }
            }
        }
    }

    @Test
    void aProgramWorksAfterItRefusedAValue() {
        Expr x = Expr.input("x", Shape.of(3));
        Graph graph =
                Graph.of(Map.of("y", x.require(x.lt(5), "x must be below 5").mul(2)));
        try (Parameters parameters = Parameters.of(Map.of())) {
            Program program = Compiler.compile(graph, parameters, new Options(1));
            program.write("x", new float[] {1, 7, 2});
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(program::run).hasMessage("x must be below 5, but element [1] is 7.0");
            }
            program.write("x", Tensor.vector(1, 2, 3));
            program.run();
            assertThat(program.read("y")).isEqualTo(Tensor.vector(2, 4, 6));
        }
    }
}
