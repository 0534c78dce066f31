package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Tensor;
import dev.fluxion.engine.check.ErrorBound;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import dev.fluxion.ir.ValueException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What follows a convolution whose channels are divided between threads, for a single sample: each operator, alone and in a row. */
class DividedChannelsTest {
    private static Map<String, UnaryOperator<Expr>> followers() {
        Map<String, UnaryOperator<Expr>> all = new LinkedHashMap<>();
        all.put("nothing", y -> y);
        all.put("unary", y -> y.sigmoid());
        all.put("binary", y -> y.add(y).mul(y));
        all.put("compare and where", y -> y.gt(0).where(y, y.neg()));
        all.put("require", y -> y.require(y.le(1e6), "small"));
        all.put("require behind a function", y -> y.sigmoid().require(y.le(1e6), "small"));
        all.put(
                "require before functions",
                y -> y.require(y.le(1e6), "small").relu().mul(2));
        all.put("require of another shape", y -> y.flatten(1)
                .require(y.flatten(1).le(1e6), "small"));
        all.put("stop", y -> y.stopGradient().tanh());
        all.put("softmax of channels", y -> y.softmax(1));
        all.put("softmax of rows", y -> y.softmax(2).relu());
        all.put("log-softmax", y -> y.logSoftmax(3));
        all.put("sum of places", y -> y.sum(2, 3));
        all.put("sum of channels", y -> y.sum(1).exp());
        all.put("max of rows", y -> y.max(2).broadcastTo(y.shape()).mul(y));
        all.put("max of channels", y -> y.max(1));
        all.put("max pooling", y -> y.maxPool(PoolSpec.of(Size.of(2))).tanh());
        all.put("mean pooling", y -> y.avgPool(PoolSpec.of(Size.of(2))));
        all.put("product", y -> y.matmul(y.transposeLast()).relu());
        all.put("slice of channels", y -> y.slice(1, 3, 40).relu());
        all.put("concatenation", y -> Expr.concat(1, List.of(y, y.relu())).tanh());
        all.put("transpose", y -> y.transpose(0, 2, 1, 3).relu().mul(2));
        all.put("reshape", y -> y.flatten(1).tanh());
        return all;
    }

    @TestFactory
    Stream<DynamicTest> followersGiveWhatTheyMean() {
        return followers().entrySet().stream()
                .map(f -> DynamicTest.dynamicTest(f.getKey(), () -> check(f.getKey(), f.getValue())));
    }

    private static Expr convolution(Leaves leaves) {
        return leaves.input("x", 1, 32, 8, 8).conv(leaves.parameter("w", 64, 32, 3, 3), ConvSpec.of());
    }

    private static void check(String name, UnaryOperator<Expr> follower) {
        Leaves leaves = new Leaves(0.3);
        Graph graph = Graph.of(Map.of("y", follower.apply(convolution(leaves))));
        Map<String, Tensor> bits = new LinkedHashMap<>();
        try (Parameters parameters = Match.parameters(graph, leaves.values)) {
            for (int threads : new int[] {1, 2, 4}) {
                try (Program program = Compiler.compile(graph, parameters, new Options(threads))) {
                    Match.write(program, graph, leaves.values);
                    program.run();
                    Match.check(name, program, graph, new ErrorBound(Match.interpreter(leaves.values, 1)));
                    bits.put(threads + " threads", program.read("y"));
                }
            }
        }
        assertThat(bits.values()).as(name).allMatch(bits.get("1 threads")::equals);
    }

    @Test
    void whatIsRefusedIsNamedByItsPlaceInTheWhole() {
        Leaves leaves = new Leaves(0.3);
        Expr y = convolution(leaves);
        Expr limit = Expr.input("limit", Shape.of(1, 64, 6, 6));
        Graph graph = Graph.of(Map.of("y", y.sigmoid().require(limit.gt(0), "large")));
        float[] limits = new float[64 * 36];
        Arrays.fill(limits, 1);
        limits[50 * 36 + 7] = -1;
        Set<String> told = new HashSet<>();
        try (Parameters parameters = Match.parameters(graph, leaves.values)) {
            for (int threads : new int[] {1, 2, 4}) {
                try (Program program = Compiler.compile(graph, parameters, new Options(threads))) {
                    program.write("x", Tensor.of(leaves.values.get("x")));
                    program.write("limit", limits);
                    assertThatThrownBy(program::run)
                            .isInstanceOf(ValueException.class)
                            .satisfies(e -> told.add(String.valueOf(e.getMessage())));
                }
            }
        }
        assertThat(told).hasSize(1).allMatch(text -> text.startsWith("large, but element [0, 50, 1, 1] is"));
    }
}
