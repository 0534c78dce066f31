package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.partition.BatchPartition;
import dev.fluxion.engine.rule.Candidate;
import dev.fluxion.engine.rule.ProductRule;
import dev.fluxion.engine.rule.RowBlockedRule;
import dev.fluxion.engine.rule.Rule;
import dev.fluxion.engine.rule.RuleBook;
import dev.fluxion.engine.rule.StreamedRule;
import dev.fluxion.engine.rule.WinogradRule;
import dev.fluxion.ffi.Threads;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Size;
import dev.fluxion.ir.Value;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each rule takes what it is for and nothing past its threshold, computes what it means, and means what it replaces. */
class RuleBookTest {
    private static final ConvSpec SAME = padded(1);

    static Stream<RuleRow> rows() {
        return Stream.concat(contractions(), FollowerRows.rows());
    }

    private static Stream<RuleRow> contractions() {
        return Stream.of(
                new RuleRow(
                        "strips",
                        "",
                        "in strips of 4",
                        16,
                        l -> changing(l, 12, 1, 3, 28, 28),
                        l -> changing(l, 11, 1, 3, 28, 28),
                        List.of(new RowBlockedRule(20_000), new RowBlockedRule(80_000))),
                new RuleRow(
                        "winograd",
                        "",
                        "winograd",
                        8,
                        l -> stable(l, 1, 64, 128, 8, 8),
                        l -> stable(l, 1, 64, 127, 8, 8),
                        List.of(
                                new WinogradRule(1 << 16, 16, 64, 32, 1 << 25),
                                new WinogradRule(1 << 18, 16, 64, 32, 1 << 25))),
                new RuleRow(
                        "winograd",
                        "",
                        "winograd",
                        8,
                        l -> stable(l, 1, 128, 128, 8, 8),
                        l -> stable(l, 1, 128, 128, 8, 6),
                        List.of(
                                new WinogradRule(1 << 17, 8, 64, 32, 1 << 25),
                                new WinogradRule(1 << 17, 32, 64, 32, 1 << 25))),
                new RuleRow(
                        "winograd",
                        "",
                        "winograd",
                        8,
                        l -> changing(l, 4, 128, 128, 8, 8),
                        l -> changing(l, 3, 128, 128, 8, 8),
                        List.of(
                                new WinogradRule(1 << 17, 16, 32, 32, 1 << 25),
                                new WinogradRule(1 << 17, 16, 128, 32, 1 << 25))),
                new RuleRow(
                        "winograd",
                        "",
                        "winograd",
                        8,
                        l -> weightGradient(l, 2, 128, 128, 8, 8, 3),
                        l -> weightGradient(l, 2, 128, 128, 8, 6, 3),
                        List.of(
                                new WinogradRule(1 << 17, 16, 64, 16, 1 << 25),
                                new WinogradRule(1 << 17, 16, 64, 64, 1 << 25))),
                new RuleRow(
                        "winograd",
                        "",
                        "winograd",
                        8,
                        l -> inputGradient(l, 4, 128, 128, 8, 8, 3),
                        l -> inputGradient(l, 3, 128, 128, 8, 8, 3),
                        List.of(
                                new WinogradRule(1 << 17, 16, 32, 32, 1 << 25),
                                new WinogradRule(1 << 17, 16, 128, 32, 1 << 25))),
                new RuleRow(
                        "streamed",
                        "",
                        "brg_conv_fwd",
                        16,
                        l -> convolution(l, l.parameter("w", 128, 456, 3, 3), 1, 6, 6, halved()),
                        l -> convolution(l, l.parameter("w", 128, 454, 3, 3), 1, 6, 6, halved()),
                        List.of(new StreamedRule(1 << 18), new StreamedRule(1 << 20))),
                new RuleRow(
                        "channels-last",
                        "",
                        "conv pad 1",
                        8,
                        l -> stable(l, 1, 3, 20, 8, 8),
                        l -> weightGradient(l, 1, 3, 20, 8, 8, 3),
                        List.of(new FollowerRows.Never("channels-last"))),
                new RuleRow(
                        "channels-last",
                        "",
                        "conv pad 1 + bias + sum relu",
                        0,
                        l -> residual(l, 20),
                        l -> weightGradient(l, 1, 3, 20, 8, 8, 3),
                        List.of(new FollowerRows.Never("channels-last"))),
                new RuleRow(
                        "channels-last",
                        "",
                        "conv pad 1 + bias hardSwish",
                        8,
                        l -> behind(l, 20, Expr::hardSwish),
                        l -> weightGradient(l, 1, 3, 20, 8, 8, 3),
                        List.of(new FollowerRows.Never("channels-last"))),
                new RuleRow(
                        "library",
                        "-channels-last",
                        "conv pad 1",
                        8,
                        l -> stable(l, 1, 3, 20, 8, 8),
                        l -> product(l, 4, 16, 16, Expr::relu),
                        List.of(new FollowerRows.Never("library"))),
                new RuleRow(
                        "library",
                        "",
                        "convGradWeight",
                        8,
                        l -> weightGradient(l, 2, 3, 20, 7, 8, 5),
                        l -> stable(l, 1, 3, 20, 8, 8),
                        List.of(new FollowerRows.Never("library"))),
                new RuleRow(
                        "library",
                        "",
                        "convGradInput",
                        8,
                        l -> inputGradient(l, 2, 16, 20, 7, 8, 5),
                        l -> stable(l, 1, 3, 20, 8, 8),
                        List.of(new FollowerRows.Never("library"))),
                new RuleRow(
                        "depthwise-gradient",
                        "",
                        "convGradWeight",
                        8,
                        l -> depthwise(l, 5),
                        l -> depthwise(l, 3),
                        List.of(new FollowerRows.Never("depthwise-gradient"))),
                columns(l -> Graph.of(Map.of(
                        "y",
                        l.input("x", 2, 6, 7, 5)
                                .conv(
                                        l.parameter("w", 9, 2, 3, 3),
                                        new ConvSpec(Size.of(2), Size.of(2), Size.of(2), 3))))),
                columns(l -> stable(l, 2, 3, 5, 6, 7)),
                columns(l -> weightGradient(l, 2, 3, 5, 6, 7, 3)),
                columns(l -> inputGradient(l, 2, 3, 5, 6, 7, 3)),
                new RuleRow(
                        "product",
                        "",
                        "matmul + bias relu",
                        8,
                        l -> product(l, 4, 32, 32, Expr::relu),
                        l -> product(l, 4, 32, 31, Expr::relu),
                        List.of(
                                new ProductRule(2048, 8, 1 << 16, 1 << 22),
                                new ProductRule(8192, 8, 1 << 16, 1 << 22))),
                new RuleRow(
                        "product",
                        "",
                        "brg_matmul",
                        8,
                        l -> Graph.of(Map.of("y", l.input("x", 3, 8, 16).matmul(l.input("z", 3, 16, 8)))),
                        l -> product(l, 1, 32, 31, Expr::relu),
                        List.of(new FollowerRows.Never("product"))),
                new RuleRow(
                        "blas",
                        "",
                        "openblas",
                        0,
                        l -> product(l, 1, 32, 32, Expr::relu),
                        l -> product(l, 4, 32, 32, Expr::relu),
                        List.of(new FollowerRows.Never("blas"))));
    }

    /** What the library has no kernel for, or none that may be used. */
    private static RuleRow columns(Function<Leaves, Graph> graph) {
        return new RuleRow(
                "columns",
                ColumnsTest.OTHERS,
                "java:columns",
                0,
                graph,
                l -> product(l, 4, 32, 32, Expr::relu),
                List.of(new FollowerRows.Never("columns")));
    }

    /** A rule that says that it computes something else. */
    private record Misread(Rule rule) implements Rule {
        @Override
        public String name() {
            return rule.name();
        }

        @Override
        public Optional<Candidate> cover(Expr e, Facts facts) {
            return rule.cover(e, facts);
        }

        @Override
        public Optional<Match> match(Candidate candidate, Facts facts) {
            return rule.match(candidate, facts)
                    .map(m -> new Match(
                            m.rule(),
                            m.candidate(),
                            m.reads(),
                            m.makes(),
                            () -> m.meanings().get().stream()
                                    .map(e -> e.mul(1.001))
                                    .toList(),
                            m.emission()));
        }
    }

    private static ConvSpec padded(int pad) {
        return new ConvSpec(Size.of(1), Size.of(pad), Size.of(1), 1);
    }

    private static ConvSpec halved() {
        return new ConvSpec(Size.of(2), Size.of(1), Size.of(1), 1);
    }

    private static Graph convolution(Leaves l, Expr w, int n, int height, int width, ConvSpec spec) {
        Expr conv = l.input("x", n, w.shape().dim(1), height, width).conv(w, spec);
        Expr bias = l.parameter("b", w.shape().dim(0)).reshape(1, w.shape().dim(0), 1, 1);
        return Graph.of(Map.of("y", conv.add(bias).relu()));
    }

    private static Graph stable(Leaves l, int n, int channels, int filters, int height, int width) {
        return convolution(l, l.parameter("w", filters, channels, 3, 3), n, height, width, SAME);
    }

    /** A function behind a convolution. */
    private static Graph behind(Leaves l, int filters, UnaryOperator<Expr> function) {
        Expr conv = l.input("x", 2, 8, 8, 8).conv(l.parameter("w", filters, 8, 3, 3), SAME);
        return Graph.of(
                Map.of("y", function.apply(conv.add(l.parameter("b", filters).reshape(1, filters, 1, 1)))));
    }

    private static Graph residual(Leaves l, int channels) {
        Expr x = l.input("x", 2, channels, 8, 8);
        Expr conv = x.conv(l.parameter("w", channels, channels, 3, 3), SAME);
        Expr y = conv.add(l.parameter("b", channels).reshape(1, channels, 1, 1));
        return Graph.of(Map.of("y", x.add(y).relu()));
    }

    /** With weights that are made anew in every run. */
    private static Graph changing(Leaves l, int n, int channels, int filters, int height, int width) {
        return convolution(l, l.input("w", filters, channels, 3, 3), n, height, width, SAME);
    }

    private static Graph weightGradient(Leaves l, int n, int c, int k, int height, int width, int side) {
        Expr w = l.parameter("w", k, c, side, side);
        Expr b = l.parameter("b", k);
        Expr y = l.input("x", n, c, height, width).conv(w, padded(side / 2)).add(b.reshape(1, k, 1, 1));
        List<Expr> gradients =
                Gradients.of(y.mul(l.input("g", n, k, height, width)).sum(), List.of(w, b));
        return Graph.of(Map.of("dw", gradients.get(0), "db", gradients.get(1)));
    }

    private static Graph depthwise(Leaves l, int side) {
        Expr w = l.input("w", 20, 1, side, side);
        Expr y = l.input("x", 3, 20, 8, 7).conv(w, new ConvSpec(Size.of(1), Size.of(side / 2), Size.of(1), 20));
        Expr objective = y.mul(l.input("g", 3, 20, 8, 7)).sum();
        return Graph.of(Map.of("dw", Gradients.of(objective, List.of(w)).get(0)));
    }

    private static Graph inputGradient(Leaves l, int n, int c, int k, int height, int width, int side) {
        Expr x = l.input("x", n, c, height, width);
        Expr y = x.conv(l.input("w", k, c, side, side), padded(side / 2));
        Expr objective = y.mul(l.input("g", n, k, height, width)).sum();
        return Graph.of(Map.of("dx", Gradients.of(objective, List.of(x)).get(0)));
    }

    private static Graph product(Leaves l, int rows, int inner, int columns, Function<Expr, Expr> activation) {
        Expr y = l.input("x", rows, inner).matmul(l.parameter("w", inner, columns));
        return Graph.of(Map.of("y", activation.apply(y.add(l.parameter("b", columns)))));
    }

    /** The forms that are chosen for a graph. */
    private static List<Rule.Match> choose(Graph graph, Leaves leaves, RuleBook rules) {
        Threads.current(1);
        try (Parameters parameters = Match.parameters(graph, leaves.values)) {
            GraphLowering lowering = new GraphLowering(BatchPartition.Tiled.none(graph), parameters.store(), rules);
            try {
                return lowering.matches();
            } finally {
                lowering.close();
            }
        }
    }

    private static List<String> names(Function<Leaves, Graph> of, RuleBook rules) {
        Leaves leaves = new Leaves(0.3);
        return choose(of.apply(leaves), leaves, rules).stream()
                .map(Rule.Match::rule)
                .toList();
    }

    private static void requireThreshold(RuleRow row, RuleBook rules) {
        assertThat(names(row.taken(), rules)).as("taken").contains(row.rule());
        assertThat(names(row.past(), rules)).as("past").doesNotContain(row.rule());
    }

    /** Requires that what forms mean is what they replace. */
    private static void requireMeanings(RuleRow row, RuleBook rules) {
        Leaves leaves = new Leaves(0.3);
        Map<String, Expr> pairs = new LinkedHashMap<>();
        for (Rule.Match match : choose(row.taken().apply(leaves), leaves, rules)) {
            assertThat(match.makes()).hasSameSizeAs(match.meanings().get());
            for (int i = 0; i < match.makes().size(); i++) {
                pairs.put("made " + pairs.size(), match.makes().get(i).value());
                pairs.put("meant " + pairs.size(), match.meanings().get().get(i));
            }
        }
        Map<String, Value> values = Match.interpreter(leaves.values, 1).run(Graph.of(pairs));
        for (int i = 0; i < pairs.size(); i += 2) {
            Value made = values.get("made " + i);
            Value meant = values.get("meant " + (i + 1));
            assertThat(meant.shape()).isEqualTo(made.shape());
            assertThat(distance(meant.data(), made.data())).as(row.toString()).isLessThan(1e-9);
        }
    }

    private static double distance(double[] a, double[] b) {
        return IntStream.range(0, a.length)
                .mapToDouble(i -> Math.abs(a[i] - b[i]))
                .max()
                .orElseThrow();
    }

    @ParameterizedTest
    @MethodSource("rows")
    void takeWhatTheyAreFor(RuleRow row) {
        if (row.isHere()) {
            RuleBook rules = RuleBook.of(row.switches());
            requireThreshold(row, rules);
            requireMeanings(row, rules);
            assertThat(Explained.of(row.taken(), row.switches())).contains(row.step());
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void aWrongThresholdIsFound(RuleRow row) {
        for (Rule wrong : row.isHere() ? row.wrong() : List.<Rule>of()) {
            RuleBook rules = RuleBook.of(row.switches()).with(wrong);
            assertThatThrownBy(() -> requireThreshold(row, rules))
                    .isInstanceOfAny(AssertionError.class, IllegalStateException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void aWrongMeaningIsFound(RuleRow row) {
        if (row.isHere()) {
            RuleBook rules = RuleBook.of(row.switches());
            Rule rule = rules.rules().stream()
                    .filter(r -> r.name().equals(row.rule()))
                    .findFirst()
                    .orElseThrow();
            assertThatThrownBy(() -> requireMeanings(row, rules.with(new Misread(rule))))
                    .isInstanceOf(AssertionError.class);
        }
    }

    @Test
    void everyRuleHasItsRow() {
        assertThat(rows().map(RuleRow::rule).collect(Collectors.toSet()))
                .containsExactlyInAnyOrderElementsOf(
                        RuleBook.of("").rules().stream().map(Rule::name).toList());
    }

    @Test
    void unknownNamesAreRefused() {
        for (String switches : List.of("-winogard", "winograd", "-columns", "-strips,-blas", "-")) {
            assertThatThrownBy(() -> RuleBook.of(switches))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll(
                            "-Dfluxion.rules",
                            "strips, winograd, streamed, channels-last, library, depthwise-gradient, product");
        }
        assertThat(RuleBook.of(" -strips , -winograd").rules())
                .hasSize(RuleBook.of("").rules().size() - 2);
    }
}
