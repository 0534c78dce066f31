package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.partition.BatchPartition;
import dev.fluxion.engine.rule.Candidate;
import dev.fluxion.engine.rule.Rule;
import dev.fluxion.engine.rule.RuleBook;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Threads;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Size;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
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
        Threads.current(1);
        try (Parameters parameters = Match.parameters(graph, leaves.values)) {
            GraphLowering lowering = new GraphLowering(BatchPartition.Tiled.none(graph), parameters.store(), rules);
            try {
                look.accept(lowering);
            } finally {
                lowering.close();
            }
        }
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
