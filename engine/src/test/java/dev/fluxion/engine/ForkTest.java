package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Tensor;
import dev.fluxion.ffi.Memory;
import dev.fluxion.ffi.NativeLibrary;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Shape;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ForkTest {
    private final Expr x = Expr.input("x", Shape.of(8, 40));
    private final Expr w = Expr.parameter("w", Shape.of(40, 50));
    private final Graph graph = Graph.of(Map.of("y", x.matmul(w).tanh()));

    private static Parameters parameters() {
        return Parameters.of(Map.of("w", Tensor.full(0.01f, 40, 50)));
    }

    @Test
    void forksGiveTheSameBitsAndOutliveTheirOriginal() {
        long handles = NativeLibrary.openHandles();
        long bytes = Memory.openBytes();
        try (Parameters parameters = parameters()) {
            Program original = Compiler.compile(graph, parameters, new Options(1));
            Program fork = original.fork();
            original.write("x", Tensor.full(0.5f, 8, 40));
            fork.write("x", Tensor.full(0.25f, 8, 40));
            original.run();
            fork.run();
            Tensor first = original.read("y");
            assertThat(fork.read("y").floats()[0]).isNotEqualTo(first.floats()[0]);
            original.close();
            fork.write("x", Tensor.full(0.5f, 8, 40));
            fork.run();
            assertThat(fork.read("y").floats()).isEqualTo(first.floats());
            assertThatThrownBy(original::fork).isInstanceOf(IllegalStateException.class);
            fork.close();
            assertThatThrownBy(fork::fork)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");
        }
        assertThat(NativeLibrary.openHandles()).isEqualTo(handles);
        assertThat(Memory.openBytes()).isEqualTo(bytes);
    }

    @Test
    void whatIsNotTheSameTwiceIsNotForked() {
        try (Parameters parameters = parameters()) {
            Graph noisy = Graph.of(Map.of("y", x.mul(Expr.uniform(1, x.shape()))));
            Program program = Compiler.compile(noisy, parameters, new Options(1));
            assertThat(program.isForkable()).isFalse();
            assertThatThrownBy(program::fork).hasMessageContaining("draws random numbers");
        }
        TinyNet net = new TinyNet(2);
        try (Parameters parameters = Parameters.of(TinyNet.weights(1))) {
            Program training = Compiler.compile(net.training(TinyNet.SGD, p -> true), parameters, new Options(1));
            assertThatThrownBy(training::fork).hasMessageContaining("changes parameters");
        }
    }
}
