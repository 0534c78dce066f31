package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Tensor;
import dev.fluxion.engine.partition.Tiling;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import dev.fluxion.ir.Update;
import dev.fluxion.ir.Value;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs in strands, large enough for what random graphs are too small for, compute what they mean. */
class TiledProgramsTest {
    private static final double CLOSE = 2e-4;

    private final Leaves leaves = new Leaves(0.03);

    private void check(Graph graph, Optional<Tiling> tiling, int threads) {
        Interpreter interpreter = Match.interpreter(leaves.values, 1).learningRate(0.5);
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = Compiler.compile(
                        graph, parameters, RunState.of(parameters), new Options(threads), g -> tiling)) {
            program.state().learningRate(0.5);
            Match.write(program, graph, leaves.values);
            for (int run = 0; run < 2; run++) {
                program.run();
                Map<String, Value> expected = interpreter.run(graph);
                expected.forEach((name, value) -> close(name, program.read(name).floats(), value));
                for (Expr p : graph.parameters()) {
                    String name = ((Leaf.Parameter) p.op()).name();
                    close(name, parameters.get(name).floats(), interpreter.value(name));
                }
            }
        }
    }

    private static void close(String name, float[] actual, Value expected) {
        for (int i = 0; i < actual.length; i++) {
            double want = expected.data()[i];
            assertThat(Math.abs(actual[i] - want))
                    .as("%s[%d] = %s, not %s", name, i, actual[i], want)
                    .isLessThanOrEqualTo(CLOSE * Math.max(1, Math.abs(want)));
        }
    }

    /** Sums over the batch that a strand computes last and reads again. */
    @ParameterizedTest
    @CsvSource({"8, 8, 1", "8, 4, 2", "9, 9, 3", "7, 3, 3"})
    void valuesMinusTheirSumsOverTheBatch(int batch, int tiles, int strands) {
        Expr h = leaves.input("x", batch, 40).matmul(leaves.parameter("w", 40, 5000));
        Expr z = leaves.input("x", batch, 40).matmul(leaves.parameter("v", 40, 30));
        Map<String, Expr> outputs = new LinkedHashMap<>();
        outputs.put("centred", h.sub(h.sumKeepDims(0)));
        outputs.put("scaled", h.div(h.abs().sumKeepDims(0)));
        outputs.put("similar", z.matmul(z.transposeLast()));
        for (int threads = 1; threads < 4; threads++) {
            check(Graph.of(outputs), Optional.of(new Tiling(batch, tiles, strands)), threads);
        }
    }

    /** Products over the batch in strands of rows, and an update in pieces. */
    @ParameterizedTest
    @CsvSource({"1, 1", "2, 1", "2, 2", "4, 3"})
    void largeLayersAreTrained(int strands, int threads) {
        Expr x = leaves.input("x", 24, 300);
        Expr w = leaves.parameter("w", 310, 300);
        Expr b = leaves.parameter("b", 310);
        Expr v = leaves.parameter("v", 3, 310);
        Expr hidden = x.matmul(w.transposeLast()).add(b).relu();
        Expr loss = hidden.matmul(v.transposeLast()).square().mean();
        List<Expr> parameters = List.of(w, b, v);
        Update update = new Update(
                parameters,
                Gradients.of(loss, parameters),
                (value, gradient, state) -> value.sub(
                        state.keep("momentum", m -> m.mul(0.5).add(gradient)).mul(state.learningRate())));
        Graph graph = Graph.of(new Graph.Stage("step", Map.of("loss", loss), List.of(update)));
        check(graph, Optional.of(new Tiling(24, 2 * strands, strands)), threads);
    }

    /** Weights that training changes at every step. */
    @ParameterizedTest
    @CsvSource({"2, false", "4, true"})
    void weightsArePackedForManyTiles(int tiles, boolean packed) {
        Expr w = leaves.parameter("w", 310, 300);
        Expr loss =
                leaves.input("x", 32, 300).matmul(w.transposeLast()).square().mean();
        Update update = new Update(List.of(w), Gradients.of(loss, List.of(w)), TinyNet.SGD);
        Graph graph = Graph.of(new Graph.Stage("step", Map.of("loss", loss), List.of(update)));
        try (Parameters parameters = Match.parameters(graph, leaves.values)) {
            Program program = Compiler.compile(
                    graph,
                    parameters,
                    RunState.of(parameters),
                    new Options(1),
                    g -> Optional.of(new Tiling(32, tiles, tiles)));
            assertThat(program.explain().steps())
                    .filteredOn(s ->
                            s.operator().equals("reorder") && s.reads().get(0).contains("300x310"))
                    .hasSize(packed ? 1 : 0);
        }
    }

    /** A single prediction: threads share the rows of its images. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void rowsOfASinglePredictionAreShared(int threads) {
        ConvSpec spec = new ConvSpec(Size.of(1), Size.of(1), Size.of(1), 1);
        Expr image = leaves.input("x", 1, 3, 24, 24);
        Expr first = image.conv(leaves.parameter("w", 64, 3, 3, 3), spec)
                .add(leaves.parameter("b", 64).reshape(1, 64, 1, 1))
                .relu();
        Expr second = first.conv(leaves.parameter("v", 32, 64, 3, 3), spec)
                .add(leaves.parameter("c", 32).reshape(1, 32, 1, 1))
                .tanh();
        Expr flat = second.reshape(1, 32 * 24 * 24);
        Expr y = flat.matmul(leaves.parameter("u", 32, 32 * 24 * 24).transposeLast())
                .add(leaves.parameter("d", 32))
                .sigmoid();
        Graph graph = Graph.of(Map.of("y", y, "first", first));
        check(graph, Optional.empty(), threads);
        try (Parameters parameters = Match.parameters(graph, leaves.values)) {
            Explanation explanation =
                    Compiler.compile(graph, parameters, new Options(threads)).explain();
            assertThat(explanation.lanes()).isEqualTo(threads);
        }
    }

    /** Functions of half of the channels take the kernels that those of all of them take, for as few elements as there are. */
    @Test
    void threadsChangeNoBitOfASinglePrediction() {
        ConvSpec spec = new ConvSpec(Size.of(1), Size.of(1), Size.of(1), 1);
        Expr images = leaves.input("x", 1, 32, 12, 12).conv(leaves.parameter("w", 32, 32, 3, 3), spec);
        Expr many = images.maxPool(PoolSpec.of(Size.of(2))).sigmoid();
        Expr few = images.maxPool(PoolSpec.of(Size.of(6, 12))).tanh();
        assertThat(many.shape().size()).isBetween(1024, 2047);
        assertThat(few.shape().size()).isBetween(64, 127);
        Graph graph = Graph.of(Map.of("many", many, "few", few));
        assertThat(predicted(graph, 2)).isEqualTo(predicted(graph, 1));
    }

    private Map<String, Tensor> predicted(Graph graph, int threads) {
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = Compiler.compile(graph, parameters, new Options(threads))) {
            assertThat(program.explain().lanes()).isEqualTo(threads);
            Match.write(program, graph, leaves.values);
            program.run();
            return Map.of("many", program.read("many"), "few", program.read("few"));
        }
    }

    /** The places of the maxima of a parameter are those of its values now. */
    @Test
    void aLaterStagePoolsAParameterThatHasChanged() {
        Expr p = leaves.parameter("p", 1, 16, 8, 8);
        Expr pooled = p.maxPool(PoolSpec.of(Size.of(2)));
        Expr loss = pooled.mul(leaves.input("x", 1, 16, 4, 4)).sum();
        Expr places = Gradients.of(pooled.mul(leaves.input("y", 1, 16, 4, 4)).sum(), List.of(p))
                .get(0);
        Update update =
                new Update(List.of(p), List.of(leaves.input("key", 1, 16, 8, 8)), (value, g, state) -> value.mul(-1)
                        .add(g));
        Graph graph = Graph.of(
                new Graph.Stage("first", Map.of("loss", loss, "before", places), List.of(update)),
                new Graph.Stage("later", Map.of("after", places.mul(2)), List.of()));
        check(graph, Optional.empty(), 1);
    }

    /** A stage after an update has filters and a bias that are made of the new values. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aLaterStageMakesFiltersForStripsAnew(int threads) {
        Expr w = leaves.parameter("w", 3, 4, 3, 3);
        Expr b = leaves.parameter("b", 3);
        Expr x = leaves.input("x", 16, 4, 28, 28);
        ConvSpec spec = ConvSpec.of();
        List<Expr> results = Stream.of(x, x.mul(-1))
                .map(images -> images.conv(w, spec))
                .map(conv -> conv.add(b.reshape(1, 3, 1, 1).broadcastTo(conv.shape())))
                .toList();
        Expr loss = results.get(0).square().mean();
        Update update = new Update(List.of(w, b), Gradients.of(loss, List.of(w, b)), TinyNet.SGD);
        Graph graph = Graph.of(
                new Graph.Stage("first", Map.of("loss", loss), List.of(update)),
                new Graph.Stage("later", Map.of("z", results.get(1)), List.of()));
        check(graph, Optional.empty(), threads);
        check(graph, Optional.of(new Tiling(16, 2, 2)), threads);
    }

    /** Weights whose rows begin at the same places of the cache are spread before they are transposed and packed. */
    @Test
    void crowdedRowsAreSpread() {
        Expr w = leaves.parameter("w", 64, 1024);
        Expr loss =
                leaves.input("x", 16, 1024).matmul(w.transpose(1, 0)).square().mean();
        Update update = new Update(List.of(w), Gradients.of(loss, List.of(w)), TinyNet.SGD);
        Graph graph = Graph.of(new Graph.Stage("step", Map.of("loss", loss), List.of(update)));
        Optional<Tiling> tiling = Optional.of(new Tiling(16, 4, 4));
        check(graph, tiling, 2);
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program =
                        Compiler.compile(graph, parameters, RunState.of(parameters), new Options(1), g -> tiling)) {
            String explanation = program.explain().toString();
            boolean packed = explanation.contains("f32 BA");
            assertThat(explanation.contains("1024x64 f32 ba -> 1024x64 f32 ba*"))
                    .isEqualTo(packed);
        }
    }

    /** Sixteen channels fill their blocks, twenty-four do not: together they cannot lie block after block. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void channelsThatCutABlockArePutTogether(int threads) {
        ConvSpec spec = new ConvSpec(Size.of(1), Size.of(2), Size.of(1), 1);
        Expr x = leaves.input("x", 1, 16, 8, 8);
        Expr a = leaves.parameter("a", 16, 16, 5, 5);
        Expr b = leaves.parameter("b", 24, 16, 5, 5);
        Expr c = leaves.parameter("c", 16, 40, 5, 5);
        Expr loss = Expr.concat(1, List.of(x.conv(a, spec), x.conv(b, spec)))
                .conv(c, spec)
                .square()
                .mean();
        List<Expr> parameters = List.of(a, b, c);
        Update update = new Update(parameters, Gradients.of(loss, parameters), TinyNet.SGD);
        Graph graph = Graph.of(new Graph.Stage("step", Map.of("loss", loss), List.of(update)));
        check(graph, Optional.empty(), threads);
    }

    /** Weights larger than the images of a tile, whose gradients strands compute at once. */
    @ParameterizedTest
    @CsvSource({"4, 2, 1", "5, 2, 2", "5, 3, 3"})
    void largeWeightsAreTrained(int tiles, int strands, int threads) {
        ConvSpec spec = new ConvSpec(Size.of(1), Size.of(1), Size.of(1), 1);
        Expr w = leaves.parameter("w", 32, 3, 3, 3);
        Expr v = leaves.parameter("v", 64, 32, 3, 3);
        Expr u = leaves.parameter("u", 64, 64, 3, 3);
        Expr b = leaves.parameter("b", 64);
        Expr first = leaves.input("x", 10, 3, 8, 8).conv(w, spec).relu().maxPool(PoolSpec.of(Size.of(2)));
        Expr second = first.conv(v, spec).add(b.reshape(1, 64, 1, 1)).relu();
        Expr loss = second.add(second.conv(u, spec)).square().mean();
        List<Expr> parameters = List.of(w, v, u, b);
        Update update = new Update(parameters, Gradients.of(loss, parameters), TinyNet.SGD);
        Graph graph = Graph.of(new Graph.Stage("step", Map.of("loss", loss), List.of(update)));
        check(graph, Optional.of(new Tiling(10, tiles, strands)), threads);
    }

    /**
     * A single training step: channels are divided, and the gradient of a convolution's images is computed beside that of its
     * weights. The last convolution's images have rows of channels, and weights in the fast form.
     */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void gradientsOfASingleSampleAreComputedBesideEachOther(int threads) {
        ConvSpec spec = new ConvSpec(Size.of(1), Size.of(1), Size.of(1), 1);
        Expr image = leaves.input("x", 1, 3, 16, 16);
        Expr w = leaves.parameter("w", 32, 3, 3, 3);
        Expr b = leaves.parameter("b", 32);
        Expr v = leaves.parameter("v", 64, 32, 5, 5);
        Expr u = leaves.parameter("u", 64, 64, 3, 3);
        Expr t = leaves.parameter("t", 64 * 256, 64);
        Expr first = image.conv(w, spec).add(b.reshape(1, 32, 1, 1)).tanh();
        Expr second = first.conv(v, new ConvSpec(Size.of(1), Size.of(2), Size.of(1), 1));
        Expr third = second.conv(u, spec).relu();
        Expr flat = third.add(second).reshape(1, 64 * 256).matmul(t);
        Expr loss = flat.square().mean();
        List<Expr> parameters = List.of(w, b, v, u, t);
        Update update = new Update(parameters, Gradients.of(loss, parameters), TinyNet.SGD);
        Graph graph = Graph.of(new Graph.Stage("step", Map.of("loss", loss), List.of(update)));
        check(graph, Optional.empty(), threads);
        try (Parameters fresh = Match.parameters(graph, leaves.values);
                Program program = Compiler.compile(
                        graph, fresh, RunState.of(fresh), new Options(threads), g -> Optional.empty())) {
            assertThat(program.explain().parts()).anyMatch(p -> has(p, "convGradInput") && has(p, "convGradWeight"));
            assertThat(program.explain().lanes()).isGreaterThanOrEqualTo(Math.min(threads, 2));
        }
    }

    private static boolean has(Explanation.Part part, String operator) {
        return part.strands() > 1
                && part.lines().stream().anyMatch(l -> l.operator().startsWith(operator));
    }

    /** The second operand of a concatenation starts behind the first: its kernel must not run ahead of itself. The whole is an
     * intermediate value, since outputs never take the place of others. */
    @Test
    void aPartOfAConcatenationDoesNotOverwriteItsOperand() {
        Expr y = leaves.input("y", 1030).add(leaves.input("z", 1030));
        Expr twice = y.mul(y).add(y);
        Expr one = Expr.constant(1).broadcastTo(Shape.of(1));
        check(
                Graph.of(Map.of(
                        "out", Expr.concat(0, List.of(one, twice.square())).mul(100))),
                Optional.empty(),
                1);
    }

    @Test
    void aParameterBeforeAndAfterItsUpdate() {
        Expr w = leaves.parameter("w", 4, 6);
        Expr x = leaves.input("x", 2, 4);
        Expr loss = x.matmul(w).square().sum();
        Update update = new Update(
                List.of(w),
                Gradients.of(loss, List.of(w)),
                (value, g, state) -> value.sub(g.mul(state.learningRate())));
        Graph graph = Graph.of(
                new Graph.Stage("before", Map.of("half", w.slice(0, 0, 2).mul(2), "loss", loss), List.of(update)),
                new Graph.Stage("after", Map.of("w now", w.mul(1.5)), List.of()));
        check(graph, Optional.empty(), 1);
    }

    /** Parts of weights that kernels want in another layout than they lie in are brought into it anew. */
    @ParameterizedTest
    @ValueSource(ints = {3, 5})
    void aLaterStageReadsPartsOfWeightsThatHaveChanged(int side) {
        ConvSpec spec = new ConvSpec(Size.of(1), Size.of(side / 2), Size.of(1), 1);
        Expr w = leaves.parameter("w", 64, 64, side, side);
        Expr before = leaves.input("x", 1, 64, 16, 16).conv(w, spec);
        Expr after = leaves.input("z", 1, 64, 16, 16).conv(w, spec);
        check(changing(w, before, after), Optional.empty(), 2);
    }

    /** The fast form adds up images that are a parameter anew. */
    @Test
    void aLaterStageReadsImagesThatHaveChanged() {
        ConvSpec spec = new ConvSpec(Size.of(1), Size.of(1), Size.of(1), 1);
        Expr x = leaves.parameter("x", 1, 64, 16, 16);
        Expr before = x.conv(leaves.input("w", 48, 64, 3, 3), spec);
        Expr after = x.conv(leaves.input("v", 48, 64, 3, 3), spec);
        check(changing(x, before, after), Optional.empty(), 1);
    }

    /** The parameter is laid out by its first reader, row-major. */
    private Graph changing(Expr parameter, Expr before, Expr after) {
        Update update = new Update(
                List.of(parameter), List.of(leaves.input("g", parameter.shape().dims())), TinyNet.SGD);
        return Graph.of(
                new Graph.Stage("zeroth", Map.of("double", parameter.mul(2)), List.of()),
                new Graph.Stage("first", Map.of("before", before), List.of(update)),
                new Graph.Stage("second", Map.of("after", after), List.of()));
    }

    @Test
    void explanationsNameStrandsAndNativePasses() {
        Expr x = leaves.input("x", 32, 64);
        Expr w = leaves.parameter("w", 128, 64);
        Expr loss = x.matmul(w.transposeLast())
                .relu()
                .matmul(leaves.parameter("v", 128, 4))
                .square()
                .sum();
        Graph graph = Graph.of(Map.of("g", Gradients.of(loss, List.of(w)).get(0)));
        try (Parameters parameters = Match.parameters(graph, leaves.values)) {
            String text = Compiler.compile(
                            graph,
                            parameters,
                            RunState.of(parameters),
                            new Options(2),
                            g -> Optional.of(new Tiling(32, 2, 2)))
                    .explain()
                    .toString();
            assertThat(text).contains("2 strands on 2 threads", "together", "relu gradient", "×2");
            assertThat(Stream.of("gt mul", "concat").noneMatch(text::contains))
                    .as(text)
                    .isTrue();
        }
    }
}
