package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.engine.plan.Phase;
import dev.fluxion.engine.plan.ScheduleKey;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Which steps threads share, and how: what each of them reads and makes. */
class SharedStepsTest {
    /** BLAS adds up a row by a matrix that is not transposed in an order that depends on the number of columns. */
    @Test
    void columnsThatLieAcrossStayTogether() {
        Leaves leaves = new Leaves(0.3);
        Graph graph = Graph.of(Map.of("y", leaves.input("x", 1, 300).matmul(leaves.parameter("w", 300, 1000))));
        assertThat(Divided.strands(graph, leaves, 2)).isZero();
        Divided.check("as they lie", graph, leaves);
    }

    /** Also where parts of others lie between. */
    @Test
    void copiesToTheirPlacesAreShared() {
        Leaves leaves = new Leaves(0.3);
        Graph graph = Graph.of(Map.of("y", Divided.joined(leaves)));
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = Divided.compile(graph, parameters, 2, 0)) {
            List<Step> copies = program.plan().phases().stream()
                    .flatMap(Phase::steps)
                    .filter(step -> step.operator().equals("reorder")
                            && !step.writes().get(0).layout().isDense())
                    .toList();
            assertThat(copies).hasSize(6).allMatch(step -> step.key().isStrand());
        }
    }

    /** The library computes halves of the rows with weights in blocks of 64, and all of them with blocks of 48. */
    @Test
    void weightsArePackedAgainForPartsThatWantThemOtherwise() {
        Vectors.require(16);
        assertThat(blocks(l -> Divided.single(l, 128, 512, 20, 1, 512))).containsExactly("512 Acdb64a", "512 Acdb64a");
        assertThat(blocks(l -> Divided.single(l, 512, 2048, 5, 1, 2048)))
                .containsExactly("1008 Acdb48a", "1040 Acdb48a");
        assertThat(blocks(l -> Divided.single(l, 2048, 512, 5, 1, 512))).containsExactly("256 Acdb32a", "256 Acdb32a");
        assertThat(blocks(l -> l.input("x", 1, 128, 20, 20).conv(l.input("w", 512, 128, 1, 1), ConvSpec.of())))
                .as("weights of a run")
                .containsExactly("512 Acdb48a");
    }

    /** Not if the whole is computed in the end, since another thread costs more than it saves. */
    @Test
    void weightsAreNotPackedAgainForPartsThatDoNotPay() {
        Leaves leaves = new Leaves(0.3);
        Graph graph = Graph.of(Map.of("y", Divided.single(leaves, 128, 512, 20, 1, 512)));
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program whole = Divided.compile(graph, parameters, 1, 0);
                Program program = Divided.compile(graph, parameters, 2, 30)) {
            assertThat(program.plan().phases()).hasSameSizeAs(whole.plan().phases());
            assertThat(program.plan().phases().get(0).steps())
                    .hasSameSizeAs(whole.plan().phases().get(0).steps().toList());
        }
    }

    /** Weights of a run cannot be packed again, so that the convolution stays whole: its copies do not pay for two threads. */
    @Test
    void whatStaysWholeDoesNotPayForItsNeighbours() {
        Vectors.require(16);
        Leaves leaves = new Leaves(0.3);
        Expr w = leaves.input("w", 512, 128, 1, 1);
        Graph graph = Graph.of(Map.of("y", leaves.input("x", 1, 128, 20, 20).conv(w, ConvSpec.of())));
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = Divided.compile(graph, parameters, 2, 3)) {
            assertThat(Divided.strands(program)).isZero();
        }
    }

    /** How the parts of the only convolution read their weights: how many filters, and how they lie. */
    private static List<String> blocks(Function<Leaves, Expr> convolution) {
        Leaves leaves = new Leaves(0.3);
        Graph graph = Graph.of(Map.of("y", convolution.apply(leaves)));
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = Divided.compile(graph, parameters, 2, 0)) {
            return program.plan().phases().stream()
                    .flatMap(Phase::steps)
                    .filter(step -> step.operator().startsWith("conv"))
                    .map(step -> step.reads().get(1).layout())
                    .map(layout -> layout.dims()[0] + " " + layout.tag())
                    .toList();
        }
    }

    /** Where a thread multiplies rows of the sums, it makes them, and waits for nobody in between. */
    @Test
    void sumsOfImagesAreMadeByWhoMultipliesThem() {
        Vectors.require(8);
        Leaves leaves = new Leaves(0.3);
        Expr w = leaves.parameter("w", 64, 64, 3, 3);
        Graph graph = Graph.of(Map.of("y", leaves.input("x", 1, 64, 32, 32).conv(w, Divided.spec(1, 1, 1, 1))));
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = Divided.compile(graph, parameters, 2, 1)) {
            Phase products = program.plan().phases().stream()
                    .filter(phase ->
                            phase.steps().anyMatch(step -> step.operator().endsWith("winograd")))
                    .findFirst()
                    .orElseThrow();
            assertThat(products.lanes())
                    .hasSize(2)
                    .allSatisfy(lane -> assertThat(lane.get(0).operator()).isEqualTo("winograd inputs"));
        }
        Divided.check("winograd", graph, leaves);
    }

    /** Half of the groups of rows that are added up are those of half of the image. */
    @Test
    void meansAreAddedUpByWhoMadeTheRows() {
        Leaves leaves = new Leaves(0.3);
        Graph graph = Graph.of(Map.of(
                "y",
                Divided.conv(leaves, 16, 14, 14, 3, Divided.spec(1, 1, 1, 1)).mean(2, 3)));
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = Divided.compile(graph, parameters, 2, 0)) {
            Phase rows = program.plan().phases().stream()
                    .filter(phase ->
                            phase.steps().anyMatch(step -> step.operator().startsWith("conv")))
                    .findFirst()
                    .orElseThrow();
            assertThat(rows.lanes()).hasSize(2).allSatisfy(lane -> assertThat(
                            lane.get(lane.size() - 1).operator())
                    .startsWith("sum"));
        }
    }

    /** Each thread makes as many of them, whole. */
    @Test
    void sumsOfImagesAreSharedAsTheyAre() {
        Vectors.require(8);
        Leaves leaves = new Leaves(0.3);
        Expr w = leaves.parameter("w", 128, 64, 3, 3);
        Graph graph = Graph.of(Map.of("y", leaves.input("x", 1, 64, 8, 8).conv(w, Divided.spec(1, 1, 1, 1))));
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = Divided.compile(graph, parameters, 2, 1)) {
            Map<ScheduleKey, Long> shares = program.plan().phases().stream()
                    .flatMap(Phase::steps)
                    .filter(step -> step.operator().equals("winograd inputs"))
                    .collect(Collectors.groupingBy(Step::key, Collectors.counting()));
            assertThat(shares.values()).containsExactly(8L, 8L);
        }
        Divided.check("winograd", graph, leaves);
    }

    /** Of many large matrices, each thread reads some; of small ones, each reads all, and what it has written itself. */
    @Test
    void productsOfLargeMatricesAreSharedOneByOne() {
        Vectors.require(8);
        assertThat(matrices(128, 8)).containsExactly(8L, 8L);
        assertThat(matrices(64, 32)).containsExactly(16L, 16L);
    }

    /** How many matrices the parts of the products of a convolution by Winograd's method read. */
    private static List<Long> matrices(int channels, int size) {
        Leaves leaves = new Leaves(0.3);
        Expr w = leaves.parameter("w", channels, channels, 3, 3);
        Expr y = leaves.input("x", 1, channels, size, size).conv(w, Divided.spec(1, 1, 1, 1));
        Graph graph = Graph.of(Map.of("y", y));
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = Divided.compile(graph, parameters, 2, 0)) {
            return program.plan().phases().stream()
                    .flatMap(Phase::steps)
                    .filter(step ->
                            step.operator().startsWith("conv") && step.key().isStrand())
                    .map(step -> step.reads().get(1).layout().dims()[0])
                    .toList();
        }
    }

    @Test
    void whatIsNotWorthItIsNotDivided() {
        Leaves leaves = new Leaves(0.3);
        Graph graph = Graph.of(Map.of("y", Divided.conv(leaves, 16, 24, 24, 3, ConvSpec.of())));
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = Divided.compile(graph, parameters, 2, 1e6)) {
            assertThat(Divided.strands(program)).isZero();
        }
    }
}
