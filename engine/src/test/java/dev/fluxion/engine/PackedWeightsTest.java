package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Tensor;
import dev.fluxion.ffi.Memory;
import dev.fluxion.ffi.NativeLibrary;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import dev.fluxion.ir.ValueException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Programs of one model share what they make of its weights, and see its weights as they are. */
class PackedWeightsTest {
    private static final Options ONE = new Options(1);
    private static final int[] BATCHES = {1, 2, 8, 16, 64};

    private static final Map<String, Tensor> WEIGHTS = Map.of(
            "w",
            tensor(1, 256, 128),
            "v",
            tensor(2, 10, 128),
            "f",
            tensor(3, 16, 16, 3, 3),
            "c",
            tensor(4, 4, 16, 5, 5),
            "s",
            tensor(9, 16, 1, 1));

    private static Tensor tensor(int seed, int... dims) {
        Shape shape = Shape.of(dims);
        float[] data = new float[shape.size()];
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) Math.sin(seed + 0.37 * i);
        }
        return Tensor.of(data, shape);
    }

    /** Products with a weight as it is and transposed, convolutions, one of them with a factor for each channel, and the weights themselves. */
    private static Graph graph(int batch) {
        Expr w = Expr.parameter("w", Shape.of(256, 128));
        Expr v = Expr.parameter("v", Shape.of(10, 128));
        Expr x = Expr.input("x", Shape.of(batch, 256));
        Expr images = Expr.input("images", Shape.of(batch, 16, 12, 12));
        ConvSpec plain = new ConvSpec(Size.of(1), Size.of(0), Size.of(1), 1);
        Expr features = images.conv(Expr.parameter("f", Shape.of(16, 16, 3, 3)), plain)
                .mul(Expr.parameter("s", Shape.of(16, 1, 1)))
                .conv(Expr.parameter("c", Shape.of(4, 16, 5, 5)), plain);
        return Graph.of(Map.of(
                "y", x.matmul(w).relu().matmul(v.transposeLast()), "features", features, "turned", w.transposeLast()));
    }

    private static Program compiled(int batch, Parameters parameters) {
        Program program = Compiler.compile(graph(batch), parameters, ONE);
        program.write("x", tensor(5, batch, 256));
        program.write("images", tensor(6, batch, 16, 12, 12));
        return program;
    }

    private static List<Tensor> run(Program program) {
        program.run();
        return List.of(program.read("y"), program.read("features"), program.read("turned"));
    }

    private static List<Tensor> alone(int batch, Map<String, Tensor> weights) {
        try (Parameters parameters = Parameters.of(weights)) {
            return run(compiled(batch, parameters));
        }
    }

    /** Others read what is packed while a run fails: only whoever changes parameters has it packed anew. */
    @Test
    void aRunThatFailsAndChangesNothingLeavesPackedWeightsAsTheyAre() {
        Expr index = Expr.input("index", Shape.of(1, 128), DType.INT);
        Graph picks =
                Graph.of(Map.of("y", Expr.parameter("v", Shape.of(10, 128)).gather(0, index)));
        try (Parameters parameters = Parameters.of(WEIGHTS)) {
            Program program = Compiler.compile(picks, parameters, ONE);
            program.write("index", Tensor.of(new int[128], Shape.of(1, 128)));
            program.run();
            int[] beyond = new int[128];
            beyond[7] = 10;
            program.write("index", beyond);
            long before = parameters.store().versions().version();
            assertThatThrownBy(program::run).isInstanceOf(ValueException.class);
            assertThatThrownBy(() -> program.profile(1)).isInstanceOf(ValueException.class);
            assertThat(parameters.store().versions().version()).isEqualTo(before);
        }
    }

    @Test
    void programsGiveTheSameBitsAsAlone() {
        Map<String, Tensor> others = Map.of("w", tensor(7, 256, 128), "f", tensor(8, 16, 16, 3, 3));
        try (Parameters parameters = Parameters.of(WEIGHTS)) {
            List<Program> programs = new ArrayList<>();
            for (int batch : BATCHES) {
                Program program = compiled(batch, parameters);
                programs.add(program);
                assertThat(run(program)).as("batch %d", batch).isEqualTo(alone(batch, WEIGHTS));
            }
            parameters.setWithNaN(others);
            for (int i = BATCHES.length - 1; i >= 0; i--) {
                Map<String, Tensor> all = new HashMap<>(WEIGHTS);
                all.putAll(others);
                assertThat(run(programs.get(i))).as("batch %d", BATCHES[i]).isEqualTo(alone(BATCHES[i], all));
            }
        }
    }

    @Test
    void aFormIsThereOnceAndFreedWithItsLastProgram() {
        long handles = NativeLibrary.openHandles();
        long bytes = Memory.openBytes();
        try (Parameters parameters = Parameters.of(WEIGHTS)) {
            Program first = compiled(8, parameters);
            List<Tensor> expected = run(first);
            long one = parameters.store().packed().bytes();
            assertThat(one).isPositive();
            Program fork = first.fork();
            assertThat(parameters.store().packed().bytes()).isEqualTo(one);
            first.close();
            fork.write("x", tensor(5, 8, 256));
            fork.write("images", tensor(6, 8, 16, 12, 12));
            assertThat(run(fork)).isEqualTo(expected);
            fork.close();
            assertThat(parameters.store().packed().bytes()).isZero();
        }
        assertThat(NativeLibrary.openHandles()).isEqualTo(handles);
        assertThat(Memory.openBytes()).isEqualTo(bytes);
    }

    /** Many programs run while weights change between two values: each result is of one of them. */
    @Test
    void nobodySeesHalfOfAForm() throws InterruptedException, ExecutionException {
        Map<String, Tensor> others = Map.of("w", tensor(7, 256, 128), "f", tensor(8, 16, 16, 3, 3));
        Map<String, Tensor> all = new HashMap<>(WEIGHTS);
        all.putAll(others);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (Parameters parameters = Parameters.of(WEIGHTS)) {
            List<Future<?>> futures = new ArrayList<>();
            for (int batch : new int[] {2, 8, 8, 16}) {
                List<List<Tensor>> allowed = List.of(alone(batch, WEIGHTS), alone(batch, all));
                Program program = compiled(batch, parameters);
                futures.add(threads.submit(() -> {
                    for (int i = 0; i < 60; i++) {
                        assertThat(run(program)).isIn(allowed);
                    }
                }));
            }
            for (int i = 0; i < 60; i++) {
                parameters.setWithNaN(i % 2 == 0 ? others : Map.of("w", WEIGHTS.get("w"), "f", WEIGHTS.get("f")));
            }
            for (Future<?> future : futures) {
                future.get();
            }
        } finally {
            threads.shutdown();
        }
    }
}
