package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.fluxion.Tensor;
import dev.fluxion.ffi.Memory;
import dev.fluxion.ffi.NativeLibrary;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Update;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A run allocates nothing, and closing gives everything back. */
class SteadyStateTest {
    private static final int RUNS = 10_000;
    /** The virtual machine itself allocates a little now and then, when it recompiles a method. */
    private static final int ROUNDS = 5;

    private record Counters(long handles, long bytes, long pointers) {
        static Counters now() {
            return new Counters(NativeLibrary.openHandles(), Memory.openBytes(), NativeLibrary.registeredPointers());
        }
    }

    @Test
    void trainingStepsAllocateNothing() {
        TinyNet net = new TinyNet(1);
        try (Parameters parameters = Parameters.of(TinyNet.weights(1));
                Program program = Compiler.compile(net.training(TinyNet.SGD, p -> true), parameters, new Options(1));
                Program predict = Compiler.compile(net.inference(), parameters, new Options(1))) {
            program.state().learningRate(1e-3);
            float[] images = net.images(1);
            int[] labels = net.labels(1);
            float[] output = new float[5];
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long self = Thread.currentThread().getId();
            threads.getThreadAllocatedBytes(self);
            Counters before = Counters.now();
            steps(program, predict, images, labels, output, RUNS);
            float loss = 0;
            long allocated = 1;
            for (int round = 0; round < ROUNDS && allocated > 0; round++) {
                long start = threads.getThreadAllocatedBytes(self);
                loss = steps(program, predict, images, labels, output, RUNS);
                allocated = threads.getThreadAllocatedBytes(self) - start;
            }
            assertThat(allocated).isZero();
            assertThat(Counters.now()).isEqualTo(before);
            assertThat(loss).isFinite();
        }
    }

    private static float steps(
            Program program, Program predict, float[] images, int[] labels, float[] output, int count) {
        float loss = 0;
        for (int i = 0; i < count; i++) {
            program.write("input", images);
            program.write("target", labels);
            program.run();
            loss += program.scalar("loss");
            predict.write("input", images);
            predict.run();
            predict.read("output", output);
        }
        return loss;
    }

    @Test
    void closingProgramsGivesEverythingBack() {
        opensAndCloses(linear(), Map.of("w", Tensor.full(1, 3, 4)), 300);
        opensAndCloses(new TinyNet(3).training(TinyNet.SGD, p -> true), TinyNet.weights(1), 20);
    }

    private static void opensAndCloses(Graph graph, Map<String, Tensor> weights, int times) {
        try (Parameters parameters = Parameters.of(weights)) {
            Compiler.compile(graph, parameters, new Options(1)).close();
            Counters before = Counters.now();
            for (int i = 0; i < times; i++) {
                Program program = Compiler.compile(graph, parameters, new Options(1));
                program.close();
                program.close();
            }
            assertThat(Counters.now()).isEqualTo(before);
        }
    }

    /** A matrix product, a loss, an update. */
    private static Graph linear() {
        Expr w = Expr.parameter("w", Shape.of(3, 4));
        Expr loss =
                Expr.input("x", Shape.of(2, 3)).matmul(w).softmax(1).square().mean();
        Update update = new Update(List.of(w), Gradients.of(loss, List.of(w)), TinyNet.SGD);
        return Graph.of(
                new Graph.Stage("forward", Map.of("loss", loss), List.of()),
                new Graph.Stage("update", Map.of(), List.of(update)));
    }

    @Test
    void closingParametersClosesTheirPrograms() {
        Counters before = Counters.now();
        Parameters parameters = Parameters.of(TinyNet.weights(1));
        for (int batch = 1; batch <= 3; batch++) {
            Compiler.compile(new TinyNet(batch).training(TinyNet.SGD, p -> true), parameters, new Options(1));
            Compiler.compile(new TinyNet(batch).inference(), parameters, new Options(1));
        }
        assertThat(Counters.now().bytes()).isGreaterThan(before.bytes());
        parameters.close();
        parameters.close();
        assertThat(Counters.now()).isEqualTo(before);
    }

    /** What cannot be compiled leaves nothing open: here a parameter that nobody declared, met after much was made. */
    @Test
    void failedCompilationsLeaveNothingOpen() {
        TinyNet net = new TinyNet(2);
        Expr unknown = Expr.parameter("v", Shape.of(3));
        Graph graph = Graph.of(Map.of("y", net.loss.add(unknown.sum())));
        Counters before = Counters.now();
        try (Parameters parameters = Parameters.of(TinyNet.weights(1))) {
            for (int i = 0; i < 5; i++) {
                assertThatThrownBy(() -> Compiler.compile(graph, parameters, new Options(1)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("there is no parameter 'v'");
            }
        }
        assertThat(Counters.now()).isEqualTo(before);
    }
}
