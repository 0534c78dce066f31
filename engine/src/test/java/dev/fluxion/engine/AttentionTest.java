package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Tensor;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Value;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Attention is computed in blocks: with several of them it is what it is with one, and its memory grows with the length. */
class AttentionTest {
    private static final int HEADS = 12;

    private static final int SIZE = 32;

    /**
     * An attention.
     *
     * @param mask the shape of a mask, empty for none
     * @param dropout the probability with which weights are dropped
     */
    record Case(int samples, int queries, int keys, int heads, int size, boolean isCausal, int[] mask, double dropout) {
        Case(int samples, int queries, int keys, int heads, int size, boolean isCausal, int[] mask) {
            this(samples, queries, keys, heads, size, isCausal, mask, 0);
        }

        Case dropout(double p) {
            return new Case(samples, queries, keys, heads, size, isCausal, mask, p);
        }

        Expr attention() {
            Expr q = Expr.input("q", Shape.of(samples, queries, heads, size));
            Expr k = Expr.input("k", Shape.of(samples, keys, heads, size));
            Expr v = Expr.input("v", Shape.of(samples, keys, heads, size));
            List<Expr> masks = mask.length == 0 ? List.of() : List.of(infinite("mask", Shape.of(mask)));
            Expr seeds = Expr.uniform(7, Shape.of(samples, heads, queries, 2));
            return q.attention(k, v, masks, isCausal, dropout, seeds);
        }

        Graph graph() {
            Expr y = attention();
            Expr g = Expr.input("g", y.shape());
            List<Expr> gradients = Gradients.of(y.mul(g).sum(), y.inputs().subList(0, 3));
            return Graph.of(Map.of("y", y, "dq", gradients.get(0), "dk", gradients.get(1), "dv", gradients.get(2)));
        }
    }

    /** An input that may hold infinities. */
    private static Expr infinite(String name, Shape shape) {
        return new Expr(new Leaf.Input(name, shape, DType.FLOAT, true), List.of());
    }

    static Stream<Case> cases() {
        return Stream.of(
                new Case(1, 90, 2300, 2, 4, false, new int[0]),
                new Case(2, 70, 1900, 1, 3, false, new int[] {2, 1, 70, 1900}),
                new Case(1, 90, 2300, 2, 4, false, new int[] {1, 1, 1, 2300}),
                new Case(1, 600, 600, 2, 4, true, new int[0]),
                new Case(2, 70, 1900, 1, 3, false, new int[] {2, 1, 70, 1900}).dropout(0.3),
                new Case(1, 360, 1100, 1, 4, true, new int[0]).dropout(0.5),
                new Case(1, 360, 1100, 1, 4, true, new int[0]),
                new Case(1, 480, 600, 1, 4, true, new int[] {1, 1, 1, 600}),
                new Case(1, 600, 480, 1, 4, true, new int[] {1, 1, 600, 480}));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void severalBlocksAreWhatTheInterpreterComputes(Case c) {
        Graph graph = c.graph();
        Map<String, Value> values = values(graph);
        Match.check(c.toString(), graph, values, 1, 1);
    }

    /** Logits that are far apart, and keys hidden by −∞: some of each block, and in half of the queries whole blocks. */
    @Test
    void farLogitsAndHiddenKeys() {
        Case c = new Case(1, 90, 2300, 2, 4, false, new int[] {1, 1, 90, 2300});
        Graph graph = c.graph();
        Map<String, Value> values = values(graph);
        values.computeIfPresent(
                "q",
                (name, q) -> new Value(
                        q.shape(), Arrays.stream(q.data()).map(x -> 64 * x).toArray()));
        double[] mask = new double[90 * 2300];
        Arrays.setAll(mask, i -> i % 3 == 0 || i / 2300 % 2 == 0 && i % 2300 > 100 ? Double.NEGATIVE_INFINITY : 0);
        values.put("mask", new Value(Shape.of(c.mask()), mask));
        Match.check("hidden keys", graph, values, 1, 1);
    }

    @Test
    void anyNumberOfThreadsGivesTheSameBits() {
        for (Case c : List.of(
                new Case(1, 90, 1900, 8, 4, false, new int[0]),
                new Case(1, 90, 90, 8, 4, true, new int[0]).dropout(0.25),
                new Case(6, 20, 20, 4, 4, false, new int[0]).dropout(0.25),
                new Case(7, 20, 20, 4, 4, false, new int[] {7, 1, 1, 20}))) {
            Graph graph = c.graph();
            Map<String, Value> values = values(graph);
            Map<String, Tensor> single = run(graph, values, 1);
            for (int threads : new int[] {2, 4, 8}) {
                assertThat(run(graph, values, threads))
                        .as("%s, %d threads", c, threads)
                        .isEqualTo(single);
            }
        }
    }

    @Test
    void memoryGrowsWithTheLength() {
        long naive = 4L * HEADS * 2048 * 2048;
        for (boolean isCausal : new boolean[] {false, true}) {
            Function<Integer, Case> of = n -> new Case(1, n, n, HEADS, SIZE, isCausal, new int[0]);
            Function<Integer, Graph> predicted =
                    n -> Graph.of(Map.of("y", of.apply(n).attention()));
            long once = bytes(predicted.apply(2048));
            assertThat(once).isLessThanOrEqualTo(naive / 8);
            assertThat(bytes(predicted.apply(4096))).isLessThanOrEqualTo(21 * once / 10);
            long trained = bytes(of.apply(2048).graph());
            assertThat(trained).as("weights and their gradients").isLessThanOrEqualTo(2 * naive / 8);
            assertThat(bytes(of.apply(4096).graph())).isLessThanOrEqualTo(21 * trained / 10);
            long dropped = bytes(of.apply(2048).dropout(0.1).graph());
            assertThat(dropped).as("and what is kept of them").isLessThanOrEqualTo(3 * naive / 8);
            assertThat(bytes(of.apply(4096).dropout(0.1).graph())).isLessThanOrEqualTo(21 * dropped / 10);
        }
    }

    /** So many of the weights are dropped, others in each row and in each step, and the mean stays. */
    @Test
    void weightsAreDroppedAsOftenAsIsAsked() {
        int n = 256;
        Expr q = Expr.input("q", Shape.of(1, n, 1, 1));
        Expr v = Expr.input("v", Shape.of(1, n, 1, n));
        Expr seeds = Expr.uniform(3, Shape.of(1, 1, n, 2));
        Graph graph = Graph.of(Map.of("y", q.attention(q, v, List.of(), false, 0.25, seeds)));
        double[] one = new double[n * n];
        Arrays.setAll(one, i -> i % (n + 1) == 0 ? 1 : 0);
        Map<String, Value> values =
                Map.of("q", new Value(Shape.of(1, n, 1, 1), new double[n]), "v", new Value(Shape.of(1, n, 1, n), one));
        float[] kept = run(graph, values, 1).get("y").floats();
        Map<Float, Integer> counts = new LinkedHashMap<>();
        for (float weight : kept) {
            counts.merge(weight, 1, Integer::sum);
        }
        assertThat(counts).containsOnlyKeys(0f, (float) (1 / 0.75) / n);
        assertThat(counts.get(0f) / (double) (n * n)).isBetween(0.245, 0.255);
        for (int lag = 1; lag <= n; lag++) {
            int alike = 0;
            for (int i = 0; i + lag < kept.length; i++) {
                alike += kept[i] == kept[i + lag] ? 1 : 0;
            }
            assertThat(alike / (double) (kept.length - lag)).as("lag %d", lag).isBetween(0.61, 0.64);
        }
    }

    private static long bytes(Graph graph) {
        try (Parameters parameters = Parameters.of(Map.of());
                Program program = Compiler.compile(graph, parameters, new Options(1))) {
            return program.bytes();
        }
    }

    private static Map<String, Value> values(Graph graph) {
        SplittableRandom random = new SplittableRandom(5);
        Map<String, Value> values = new LinkedHashMap<>();
        for (Expr input : graph.inputs()) {
            double[] data = random.doubles(input.shape().size(), -1, 1)
                    .map(x -> (float) x)
                    .toArray();
            values.put(((Leaf.Input) input.op()).name(), new Value(input.shape(), data));
        }
        return values;
    }

    private static Map<String, Tensor> run(Graph graph, Map<String, Value> values, int threads) {
        try (Parameters parameters = Parameters.of(Map.of());
                Program program = Compiler.compile(graph, parameters, new Options(threads))) {
            values.forEach((name, value) -> program.write(name, Tensor.of(value)));
            program.run();
            Map<String, Tensor> results = new LinkedHashMap<>();
            graph.stages().get(0).outputs().keySet().forEach(name -> results.put(name, program.read(name)));
            return results;
        }
    }
}
