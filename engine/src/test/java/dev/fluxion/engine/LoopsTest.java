package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.engine.partition.Tiling;
import dev.fluxion.engine.partition.TilingPolicy;
import dev.fluxion.ffi.NativeLibrary;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import dev.fluxion.ir.Update;
import dev.fluxion.ir.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The tiles of a strand are one loop of steps, however many there are. */
class LoopsTest {
    private static final double CLOSE = 2e-4;

    /** A training step of a net with all kinds of kernels, whose features lose their mean over the batch: loops in several phases. */
    private static final class Net {
        final Map<String, Value> values = new LinkedHashMap<>();
        final Graph graph;
        private final SplittableRandom random = new SplittableRandom(5);

        Net(int batch, int side, int filters, boolean centred) {
            ConvSpec spec = new ConvSpec(Size.of(1), Size.of(1), Size.of(1), 1);
            Expr w = parameter("w", filters, 2, 3, 3);
            Expr b = parameter("b", filters);
            Expr v = parameter("v", 8, filters, 3, 3);
            int features = 8 * (side / 4) * (side / 4);
            Expr u = parameter("u", features, 3);
            Expr target = Expr.input("target", Shape.of(batch), DType.INT);
            values.put(
                    "target",
                    new Value(
                            Shape.of(batch),
                            random.doubles(batch, 0, 3).map(Math::floor).toArray()));
            values.put("x", normal(1, batch, 2, side, side));
            Expr h = Expr.input("x", Shape.of(batch, 2, side, side))
                    .conv(w, spec)
                    .add(b.reshape(1, filters, 1, 1))
                    .maxPool(PoolSpec.of(Size.of(2)))
                    .conv(v, spec)
                    .relu()
                    .maxPool(PoolSpec.of(Size.of(2)))
                    .reshape(batch, features);
            Expr logits = (centred ? h.sub(h.sumKeepDims(0).mul(1.0 / batch)) : h).matmul(u);
            Expr loss = logits.logSoftmax(1)
                    .gather(1, target.reshape(batch, 1))
                    .neg()
                    .mean();
            List<Expr> parameters = List.of(w, b, v, u);
            Update update = new Update(parameters, Gradients.of(loss, parameters), TinyNet.SGD);
            graph = Graph.of(new Graph.Stage("step", Map.of("loss", loss, "logits", logits), List.of(update)));
        }

        private Expr parameter(String name, int... dims) {
            values.put(name, normal(0.3, dims));
            return Expr.parameter(name, Shape.of(dims));
        }

        private Value normal(double deviation, int... dims) {
            Shape shape = Shape.of(dims);
            double[] data = new double[shape.size()];
            for (int i = 0; i < data.length; i++) {
                data[i] = (float) (deviation * random.nextGaussian());
            }
            return new Value(shape, data);
        }
    }

    private static Program compile(Net net, Parameters parameters, int threads, Optional<Tiling> tiling) {
        return Compiler.compile(net.graph, parameters, RunState.of(parameters), new Options(threads), g -> tiling);
    }

    /** The results of two steps, and the parameters behind them. */
    private static List<float[]> trained(Net net, int threads, Tiling tiling) {
        try (Parameters parameters = Match.parameters(net.graph, net.values);
                Program program = compile(net, parameters, threads, Optional.of(tiling))) {
            program.state().learningRate(0.1);
            Match.write(program, net.graph, net.values);
            List<float[]> results = new ArrayList<>();
            for (int step = 0; step < 2; step++) {
                program.run();
                results.add(program.read("logits").floats());
            }
            net.graph
                    .parameters()
                    .forEach(p -> results.add(parameters
                            .get(p.op().toString().replaceAll(".*\\((.*)\\)", "$1"))
                            .floats()));
            return results;
        }
    }

    /** Tiles of any number and size, the last one smaller, and several loops in a strand. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void loopsComputeWhatTheGraphMeansWithTheSameBitsOnAllThreads(int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int batch = random.nextInt(20, 110);
        int strands = random.nextInt(1, 5);
        Tiling tiling = new Tiling(batch, strands * random.nextInt(2, 1 + batch / strands), strands);
        Net net = new Net(batch, 8, 4, seed % 2 == 0);
        Interpreter interpreter = Match.interpreter(net.values, 1).learningRate(0.1);
        interpreter.run(net.graph);
        Value expected = interpreter.run(net.graph).get("logits");
        List<float[]> alone = trained(net, 1, tiling);
        for (int i = 0; i < expected.data().length; i++) {
            double want = expected.data()[i];
            assertThat((double) alone.get(1)[i])
                    .as("%s: element %d", tiling, i)
                    .isCloseTo(want, within(CLOSE * Math.max(1, Math.abs(want))));
        }
        for (int threads : new int[] {2, 4, 8}) {
            List<float[]> together = trained(net, threads, tiling);
            for (int i = 0; i < alone.size(); i++) {
                assertThat(together.get(i))
                        .as("%s, %d threads", tiling, threads)
                        .isEqualTo(alone.get(i));
            }
        }
    }

    private record Counts(int steps, long handles) {}

    private static Counts size(int batch) {
        Net net = new Net(batch, 16, 128, false);
        try (Parameters parameters = Match.parameters(net.graph, net.values)) {
            Optional<Tiling> tiling = TilingPolicy.of(net.graph);
            assertThat(tiling).as("a net that is divided").isPresent();
            long before = NativeLibrary.openHandles();
            try (Program program = compile(net, parameters, 2, tiling)) {
                return new Counts(program.explain().calls(), NativeLibrary.openHandles() - before);
            }
        }
    }

    @Test
    void stepsAndNativeHandlesDoNotGrowWithTheBatch() {
        assertThat(size(64)).isEqualTo(size(4096));
    }

    @Test
    void anEpochInOneBatchIsTrained() {
        Net net = new Net(20_000, 8, 4, false);
        try (Parameters parameters = Match.parameters(net.graph, net.values);
                Program program = Compiler.compile(net.graph, parameters, RunState.of(parameters), new Options(2))) {
            program.state().learningRate(0.003);
            Match.write(program, net.graph, net.values);
            program.run();
            float first = program.scalar("loss");
            program.run();
            assertThat(program.scalar("loss")).isLessThan(first);
            assertThat(program.explain().steps()).as("tiles").anyMatch(line -> line.tiles() > 1);
        }
    }
}
