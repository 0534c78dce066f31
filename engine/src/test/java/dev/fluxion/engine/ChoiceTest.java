package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.partition.BatchPartition;
import dev.fluxion.engine.partition.Tiling;
import dev.fluxion.engine.rule.Candidate;
import dev.fluxion.engine.rule.Rule;
import dev.fluxion.engine.rule.RuleBook;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Threads;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Recurrence;
import dev.fluxion.ir.RecurrentCell;
import dev.fluxion.ir.Size;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What is chosen holds: followers take their plain form rather than undo it, and the steps make what it says. */
class ChoiceTest {
    private final Leaves leaves = new Leaves(0.3);

    /** A rule whose matches are changed. */
    private record Changed(Rule rule, UnaryOperator<Optional<Rule.Match>> change) implements Rule {
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
            return change.apply(rule.match(candidate, facts));
        }
    }

    private static RuleBook changed(String name, UnaryOperator<Optional<Rule.Match>> change) {
        RuleBook rules = RuleBook.of("");
        Rule rule = rules.rules().stream()
                .filter(r -> r.name().equals(name))
                .findFirst()
                .orElseThrow();
        return rules.with(new Changed(rule, change));
    }

    private void lowering(Graph graph, RuleBook rules, Consumer<GraphLowering> look) {
        lowering(BatchPartition.Tiled.none(graph), rules, look);
    }

    private void lowering(BatchPartition.Tiled tiled, RuleBook rules, Consumer<GraphLowering> look) {
        Threads.current(1);
        try (Parameters parameters = Match.parameters(tiled.graph(), leaves.values)) {
            GraphLowering lowering = new GraphLowering(tiled, parameters.store(), rules);
            try {
                look.accept(lowering);
            } finally {
                lowering.close();
            }
        }
    }

    /** Tiles of a single sequence, with the products of inputs and behind a function of these. */
    @Test
    void partsOfRecurrencesAreComputedAsTheWholeIs() {
        Vectors.require(8);
        Expr w = leaves.parameter("w", 256, 64);
        Expr products = leaves.input("x", 4, 5, 1)
                .reshape(20, 1)
                .matmul(leaves.parameter("i", 256, 1).transposeLast())
                .reshape(4, 5, 256);
        for (Expr u : List.of(products, products.tanh())) {
            Expr y = new Expr(
                    new Recurrence(RecurrentCell.LSTM, false),
                    List.of(u, w, leaves.parameter("d", 256), leaves.input("h", 4, 64), leaves.input("c", 4, 64)));
            Graph graph = Graph.of(Map.of("y", y));
            List<String> whole = new ArrayList<>();
            lowering(graph, RuleBook.of(""), lowering -> whole.addAll(rules(lowering)));
            assertThat(whole).contains(u == products ? "lstm" : "recurrent");
            BatchPartition.Tiled tiled = BatchPartition.apply(graph, new Tiling(4, 4, 1));
            lowering(tiled, RuleBook.of(""), lowering -> assertThat(rules(lowering))
                    .containsAll(whole));
        }
    }

    private static Set<String> rules(GraphLowering lowering) {
        return lowering.matches().stream()
                .map(Rule.Match::rule)
                .filter(rule -> List.of("lstm", "recurrent", "one-sequence").contains(rule))
                .collect(Collectors.toSet());
    }

    /** s + y·(1 − s), times the gradient: six operators. */
    @Test
    void whatIsCoveredInVainIsComputedTogetherInJava() {
        Graph graph = FollowerRows.gradient(leaves, Expr::silu, 16, 16);
        lowering(graph, changed("activation-gradients", match -> Optional.empty()), lowering -> {
            List<Rule.Match> matches = lowering.matches();
            Rule.Match last = matches.get(matches.size() - 1);
            assertThat(last.rule()).isEqualTo("fused");
            assertThat(last.candidate().covers()).hasSize(6);
            lowering.lower();
        });
    }

    @Test
    void whatIsMadeInAnotherLayoutThanChosenIsRefused() {
        Expr x = leaves.input("x", 2, 16, 8, 8);
        Graph graph = Graph.of(Map.of("y", x.maxPool(PoolSpec.of(Size.of(2)))));
        lowering(graph, changed("pooling", match -> match.map(ChoiceTest::misplaced)), lowering -> assertThatThrownBy(
                        lowering::lower)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("maxPool"));
    }

    private static Rule.Match misplaced(Rule.Match match) {
        Rule.Laid made = match.makes().get(0);
        Layout other = Layout.channelsLast(made.layout().dims());
        return new Rule.Match(
                match.rule(),
                match.candidate(),
                match.reads(),
                List.of(new Rule.Laid(made.value(), other)),
                match.meanings(),
                match.emission());
    }
}
